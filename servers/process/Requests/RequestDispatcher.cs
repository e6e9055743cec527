using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Spaces;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>Finds the handler of a call, and lets it through if there is room for what it may do.</summary>
internal sealed class RequestDispatcher
{
    private readonly Operations operations;
    private readonly HandleRoom room;

    /// <summary>A dispatcher of all operations.</summary>
    /// <exception cref="InvalidOperationException">One of the protocol is not declared.</exception>
    public RequestDispatcher(Operations operations, HandleRoom room)
    {
        OperationTable<ProcessOperation, RequestHandler>.RequireAll(operations.Running, operations.Loading);
        this.operations = operations;
        this.room = room;
    }

    /// <summary>
    /// Serves a call of a process' thread in a space. The result for the first word of the reply, or null if the call was or will be answered otherwise.
    /// </summary>
    public long? Dispatch(Process caller, ProgramSpace space, in Message message)
    {
        bool isRunning = caller.Space == space;
        if (!isRunning && caller.Exec?.Space != space)
            return -Errno.ESRCH;
        if ((isRunning ? operations.Running : operations.Loading).Find(message.Words[0]) is not { } operation)
            return isRunning ? -Errno.ENOSYS : -Errno.EPERM;
        if (operation.Grows && !room.Has(ProgramSpaces.OwnHandles, caller.Credentials.IsPrivileged))
            return -Errno.ENOMEM;
        var request = new Request(caller, space, in message, operation.Waits);
        return operation.Handler(ref request);
    }
}

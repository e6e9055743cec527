using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;

namespace Tests.Servers.Grabbing;

/// <summary>
/// Asks the servers that it has endpoints of for what only others may ask: the supervisor for the end of the machine and of servers, vfs for everything that
/// the process server tells it. The configuration grants it nothing of that.
/// </summary>
internal sealed class PeerCheck(ServerContext context) : CountedCheck(context.Log)
{
    private const long NotPermitted = -1; // EPERM, of both protocols
    private const long NoDevice = -19; // ENODEV: what any server may ask for, if the manifest gives it devices
    private const ulong LastOperation = (ulong)VfsControlOperation.RegisterDevices + 2, Page = 4096;

    /// <summary>All of it; the log tells.</summary>
    public void Check()
    {
        foreach (PowerAction action in Enum.GetValues<PowerAction>())
            Expect(Ask(context.Supervisor, (ulong)SupervisorOperation.Power, (ulong)action) == NotPermitted, $"the machine ends by {action}");
        foreach (string name in (string[])["console", "vfs", "process", "supervisor", "grabber", "none"])
        {
            Expect(AskAbout(SupervisorOperation.Restart, 0, name) == NotPermitted, $"{name} is restarted");
            Expect(AskAbout(SupervisorOperation.Inject, (ulong)InjectedFault.Crash, name) == NotPermitted, $"{name} is made to fail");
        }

        var vfs = new EndpointHandle(context.Handle("vfs").Index);
        for (ulong operation = 0; operation <= LastOperation; operation++)
        {
            for (uint handles = 0; handles <= 3; handles++)
            {
                long expected = IsRegistration(operation, handles) ? NoDevice : NotPermitted;
                Expect(Ask(vfs, operation, 1, handles) == expected, $"vfs serves operation {operation} with {handles} handles");
            }
        }

        Conclude("wishes");
    }

    private static bool IsRegistration(ulong operation, uint handles) => operation == (ulong)VfsControlOperation.RegisterDevices && handles == 1;

    private long AskAbout(SupervisorOperation operation, ulong argument, string name)
    {
        Message message = default;
        ServerName.TryWrite(ref message, System.Text.Encoding.UTF8.GetBytes(name));
        message.Words[0] = (ulong)operation;
        message.Words[1] = argument;
        return context.Supervisor.Call(ref message) == KernelStatus.Ok ? (long)message.Words[0] : long.MinValue;
    }

    private static long Ask(EndpointHandle endpoint, ulong operation, ulong argument, uint handles = 0)
    {
        Message message = default;
        message.Words[0] = operation;
        message.Words[1] = argument;
        message.HandleCount = handles;
        MemoryObjectHandle.TryCreate(Page, MemoryFlags.None, out MemoryObjectHandle memory);
        for (int index = 0; index < handles; index++)
        {
            message.Handles[index] = memory.Index;
            message.Rights[index] = (uint)(Rights.Read | Rights.Write);
        }

        long result = endpoint.Call(ref message) == KernelStatus.Ok ? (long)message.Words[0] : long.MinValue;
        memory.Handle.Close();
        return result;
    }
}

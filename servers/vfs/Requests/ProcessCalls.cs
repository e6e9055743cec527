using Libsys.Abi;
using Libsys.Messages;
using Servers.Vfs.Processes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>Messages of the process server that may also be posted: where processes are, and are no more.</summary>
/// <param name="registry">Who is who.</param>
/// <param name="close">Lets go of the connection of a space that is gone.</param>
public sealed class ProcessCalls(ProcessRegistry registry, Action<AttachedSpace> close)
{
    /// <summary>0, −errno, or null: it is another message.</summary>
    public long? Serve(in MessageWords words)
    {
        uint id = (uint)words[1], slot = (uint)words[2];
        switch ((VfsControlOperation)words[0])
        {
            case VfsControlOperation.AttachSlot:
                return registry.AttachSlot(id, slot, (uint)words[3], (uint)words[4], words[5]);
            case VfsControlOperation.Detach:
                if (registry.Detach(id) is not { } connection)
                    return Outcome.Of(Errno.ESRCH);
                close(connection);
                return 0;
            case VfsControlOperation.DetachSlot:
                return registry.DetachSlot(id, slot);
            case VfsControlOperation.Succeed:
                long result = registry.Succeed(
                    id, slot, (uint)words[3], (uint)words[4], words[5], words[6], OpenRequests.CloseByExec, out AttachedSpace? detached);
                if (detached is not null)
                    close(detached);
                return result;
            default:
                return null;
        }
    }

    /// <summary>The same as posted; there is nobody to answer.</summary>
    public void ServePosted(in MessageWords words)
    {
        if ((uint)words[0] != (uint)VfsControlOperation.Succeed)
        {
            Serve(in words);
            return;
        }

        Span<uint> handles = stackalloc uint[ControlLayout.MostHandles];
        for (int index = 0; index < handles.Length; index++)
            handles[index] = (uint)(words[ControlLayout.FirstHandles + index / 2] >> (index % 2 * 32));
        int count = (int)Math.Min(words[0] >> 32, (ulong)handles.Length);
        registry.Succeed(
            (uint)words[1], (uint)words[2], (uint)words[3], (uint)words[4], handles[..count], OpenRequests.CloseByExec, out AttachedSpace? detached);
        if (detached is not null)
            close(detached);
    }
}

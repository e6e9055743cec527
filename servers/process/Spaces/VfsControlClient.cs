using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Tree;

namespace Servers.Processes.Spaces;

/// <summary>Calls to vfs (see <see cref="VfsControlOperation"/>). vfs answers at once and never calls back, so waiting for it is safe.</summary>
internal sealed class VfsControlClient(EndpointHandle vfs)
{
    /// <summary>Most signals that one <see cref="TakeSignals"/> gives.</summary>
    public const int MostSignals = 7;

    // Lines drain at 11 KiB a second on real hardware; a full queue takes less than this.
    private const ulong LongestDrain = 3_000_000_000;

    // What fits behind the five words before.
    private const int GroupsInMessage = 6;

    private PostedControl? posted;

    /// <summary>Shares a page with vfs for what need not be waited for. Without it everything goes by message.</summary>
    public KernelStatus SharePosted()
    {
        KernelStatus status = SealedMemory.TryCreate(ControlLayout.Length, out MemoryObjectHandle memory, out MappedMemory? mapped);
        if (status != KernelStatus.Ok)
            return status;
        Message message = Request(VfsControlOperation.SharePosted, 0);
        message.HandleCount = 1;
        message.Handles[0] = memory.Index;
        message.Rights[0] = (uint)(Rights.Read | Rights.Write);
        if (Call(ref message) == 0)
            posted = new PostedControl(mapped!);
        else
            mapped!.Dispose();
        memory.Handle.Close(); // the mappings keep it
        return KernelStatus.Ok;
    }

    /// <summary>Attaches a space's connection. On success the doorbell belongs to the caller.</summary>
    public long Attach(ProgramSpace space, uint slot, int pid, int parent, NotificationHandle completions, out NotificationHandle doorbell)
    {
        doorbell = default;
        Message message = Request(VfsControlOperation.Attach, space.Number, slot, (ulong)pid, (ulong)parent);
        message.Words[5] = VfsLimits.Shape.Length;
        message.HandleCount = 3;
        message.Handles[0] = space.Connection.Index;
        message.Rights[0] = (uint)(Rights.Read | Rights.Write);
        message.Handles[1] = completions.Index;
        message.Rights[1] = (uint)Rights.Signal;
        message.Handles[2] = space.Space.Index;
        message.Rights[2] = (uint)(Rights.Read | Rights.Map);
        long result = Call(ref message);
        if (result < 0)
            return result;
        if (message.HandleCount < 1)
            return -Errno.EIO;
        doorbell = new NotificationHandle(message.Handles[0]);
        return 0;
    }

    /// <summary>A further pool of an attached connection; the handle stays the caller's.</summary>
    public long AttachPool(ProgramSpace space, uint number, MemoryObjectHandle memory, uint length)
    {
        Message message = Request(VfsControlOperation.AttachPool, space.Number, number, length);
        message.HandleCount = 1;
        message.Handles[0] = memory.Index;
        message.Rights[0] = (uint)(Rights.Read | Rights.Write);
        return Call(ref message);
    }

    /// <summary>Has vfs let go of it.</summary>
    public long DetachPool(ProgramSpace space, uint number)
    {
        Message message = Request(VfsControlOperation.DetachPool, space.Number, number);
        return Call(ref message);
    }

    /// <summary>Tells vfs what programs know a server as.</summary>
    public long NameServer(uint number, string name)
    {
        Message message = Request(VfsControlOperation.NameServer, number);
        return ServerName.TryWrite(ref message, System.Text.Encoding.UTF8.GetBytes(name)) ? Call(ref message) : -Errno.EINVAL;
    }

    /// <summary>Another process in an attached space.</summary>
    public long AttachSlot(ProgramSpace space, uint slot, int pid, int parent, ulong flags)
    {
        Message message = Request(VfsControlOperation.AttachSlot, space.Number, slot, (ulong)pid, (ulong)parent);
        message.Words[5] = (ulong)flags;
        // Whatever the child asks vfs comes behind it. It fails for want of handles alone, of which there are enough then.
        return posted?.TryPost(in message.Words, ControlLayout.Roomy, isAlone: true) == true ? 0 : Call(ref message);
    }

    /// <summary>The space is gone. <paramref name="isNoticed"/>: others are told of that, vfs has to know it now.</summary>
    public void Detach(ProgramSpace space, bool isNoticed)
    {
        Message message = Request(VfsControlOperation.Detach, space.Number);
        Tell(ref message, isNoticed);
    }

    /// <summary>One process of a shared space is gone.</summary>
    public void DetachSlot(ProgramSpace space, uint slot, bool isNoticed)
    {
        Message message = Request(VfsControlOperation.DetachSlot, space.Number, slot);
        Tell(ref message, isNoticed);
    }

    /// <summary>
    /// A process runs another program in a space of its own: it has left the old one, which is gone or not, and handles that the program names in its pool are
    /// closed. What is wrong with those is the program's. <paramref name="handles"/>: what it has named, if that is known, with room for the most that are
    /// posted; else vfs looks into the pool.
    /// </summary>
    public void Succeed(ProgramSpace space, uint slot, ProgramSpace? old, bool isGone, ulong offset, ulong count, ReadOnlySpan<uint> handles)
    {
        Message message = Request(
            VfsControlOperation.Succeed, space.Number, slot, old?.Number ?? 0, isGone ? SucceedArguments.WholeSpace : slot);
        if (old?.Servers is null && handles.Length == ControlLayout.MostHandles)
        {
            Message entry = message;
            entry.Words[0] |= count << 32;
            for (int index = 0; index < handles.Length; index += 2)
                entry.Words[ControlLayout.FirstHandles + index / 2] = Pair(handles[index], handles[index + 1]);
            if (TryPostQuietly(in entry.Words))
                return;
        }

        message.Words[5] = offset;
        message.Words[6] = count;
        Call(ref message);
    }

    /// <summary>New credentials; vfs uses them from the moment it answers.</summary>
    public long SetCredentials(Process process)
    {
        Credentials credentials = process.Credentials;
        Message message = Request(
            VfsControlOperation.SetCredentials, (ulong)process.Pid, Pair(credentials.Fsuid, credentials.Fsgid), Pair(credentials.Uid, credentials.Gid));
        int count = Math.Min(credentials.Groups.Count, GroupsInMessage);
        message.Words[4] = (ulong)count;
        for (int index = 0; index < count; index++)
            message.Words[5 + index / 2] |= (ulong)credentials.Groups[index] << (index % 2 * 32);
        return Call(ref message);
    }

    /// <summary>RLIMIT_FSIZE of a process, which vfs enforces from the moment it answers.</summary>
    public void SetFileSizeLimit(Process process)
    {
        Message message = Request(VfsControlOperation.SetFileSizeLimit, (ulong)process.Pid, process.Limits.Soft(ResourceLimits.FileSize));
        Call(ref message);
    }

    /// <summary>Group and session, for terminals.</summary>
    public void SetSession(Process process)
    {
        Message message = Request(
            VfsControlOperation.SetSession, (ulong)process.Pid, (ulong)process.Group, (ulong)process.Session, process.Session == process.Pid ? 1ul : 0);
        Call(ref message);
    }

    /// <summary>Gives vfs the bell that it rings when terminals have signals.</summary>
    public long SetSignalDoorbell(NotificationHandle doorbell)
    {
        Message message = Request(VfsControlOperation.SetSignalDoorbell, 0);
        message.HandleCount = 1;
        message.Handles[0] = doorbell.Index;
        message.Rights[0] = (uint)Rights.Signal;
        return Call(ref message);
    }

    /// <summary>Fetches signals of terminals: how many, each a target | signal &lt;&lt; 32.</summary>
    public int TakeSignals(Span<ulong> signals)
    {
        Message message = Request(VfsControlOperation.TakeSignals, 0);
        int count = (int)Math.Clamp(Call(ref message), 0, signals.Length);
        for (int index = 0; index < count; index++)
            signals[index] = message.Words[1 + index];
        return count;
    }

    /// <summary>Waits until what programs wrote to serial terminals has left the machine, for a bounded time.</summary>
    public void DrainTerminals()
    {
        Message message = Request(VfsControlOperation.DrainTerminals, 0);
        vfs.Call(ref message, SystemClock.Now + LongestDrain);
    }

    private void Tell(ref Message message, bool isNoticed)
    {
        if (isNoticed || !TryPostQuietly(in message.Words))
            Call(ref message);
    }

    // What closes handles: posted if nobody could tell.
    private bool TryPostQuietly(in MessageWords words)
    {
        if (posted?.TryPost(in words, ControlLayout.Quiet, isAlone: false) != true)
            return false;
        if (!posted.Holds(ControlLayout.Quiet))
        {
            Message message = Request(VfsControlOperation.ServePosted, 0);
            Call(ref message);
        }

        return true;
    }

    private static Message Request(VfsControlOperation operation, ulong a, ulong b = 0, ulong c = 0, ulong d = 0)
    {
        Message message = default;
        message.Words[0] = (ulong)operation;
        message.Words[1] = a;
        message.Words[2] = b;
        message.Words[3] = c;
        message.Words[4] = d;
        return message;
    }

    private static ulong Pair(uint low, uint high) => low | (ulong)high << 32;

    private long Call(ref Message message) => vfs.Call(ref message) == KernelStatus.Ok ? (long)message.Words[0] : -Errno.EIO;
}

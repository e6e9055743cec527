using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// execve(2), execveat(2): everything that the new program gets is written into one flat table, which the process server copies into a fresh space, or maps
/// there if it is long and an object. Until the new side has loaded the program and committed, this side goes on as if nothing had happened.
/// </summary>
internal static unsafe class ExecCalls
{
    /// <summary>MAX_ARG_STRLEN: longest argument or environment string with its NUL, execve(2).</summary>
    private const uint StringLimit = 131072;

    /// <summary>Bytes of all strings and their pointers: a quarter of the default 8 MiB stack limit, execve(2).</summary>
    private const ulong TotalLimit = 2 << 20;

    /// <summary>Most strings of a list: each costs a pointer and at least its NUL.</summary>
    private const int CountLimit = (int)(TotalLimit / 9);

    /// <summary>Where a long table is written: a part of the window that nothing else uses.</summary>
    private const ulong AreaLow = 0x7FFF_E000_0000, AreaHigh = 0x7FFF_F000_0000;

    /// <summary>Room for the strings, the descriptors (64 Ki × 16 bytes), offsets and the path; sparse.</summary>
    private const ulong TableLength = 0x40_0000;

    /// <summary>execve, execveat.</summary>
    public static long Execute(TaskState* task, ulong directory, ulong path, ulong arguments, ulong environment, ulong flags)
    {
        if (!ControlCalls.HasServer(task))
            return -Errno.ENOSYS;
        if (((uint)flags & ~(AtFlags.EmptyPath | AtFlags.NoFollow)) != 0)
            return -Errno.EINVAL;
        // vfs has no way to open a file for execution but not a link to it.
        if (((uint)flags & AtFlags.NoFollow) != 0)
            return -Errno.EINVAL;
        long result = EpollMove.IfInherited(task);
        if (result < 0)
            return result;
        result = ExecuteShort(task, directory, path, arguments, environment, (uint)flags);
        // Too long for a small table, or for any; or there is no memory for it.
        return result == -Errno.E2BIG || result == -Errno.ENOMEM ? ExecuteLong(task, directory, path, arguments, environment, (uint)flags) : result;
    }

    private static long ExecuteShort(TaskState* task, ulong directory, ulong path, ulong arguments, ulong environment, uint flags)
    {
        byte* table = (byte*)PersonalityHeap.AllocateDirty(Window.SmallStartTableLimit);
        if (table == null)
            return -Errno.ENOMEM;
        ProcessState* process = task->Process;
        process->StartTable = table;
        long length = Write(task, table, (int)Window.SmallStartTableLimit, directory, path, arguments, environment, flags);
        // Words are copied, and nothing that was here before goes along.
        for (long end = length; end > 0 && end % sizeof(ulong) != 0; end++)
            table[end] = 0;
        long result = length > 0 ? Send(task, 0, (ulong)table, (ulong)length) : length;
        process->StartTable = null;
        PersonalityHeap.Free(table);
        return result;
    }

    private static long ExecuteLong(TaskState* task, ulong directory, ulong path, ulong arguments, ulong environment, uint flags)
    {
        long handle = KernelCalls.MemoryCreate(TableLength, MemoryFlags.None);
        if (handle < 0)
            return -Errno.ENOMEM;
        ProcessState* process = task->Process;
        process->StartTableHandle = (uint)handle;
        long address = MapTable((uint)handle);
        long result = address;
        if (address >= 0)
        {
            result = Write(task, (byte*)address, (int)TableLength, directory, path, arguments, environment, flags);
            KernelCalls.Unmap((ulong)address, TableLength);
        }
        if (result > 0)
            result = Send(task, (uint)handle, 0, (ulong)result);
        process->StartTableHandle = 0;
        KernelCalls.HandleClose((uint)handle);
        return result;
    }

    private static long MapTable(uint handle)
    {
        for (;;)
        {
            long address = KernelCalls.FindGap(TableLength, AreaLow, AreaHigh, 4096);
            if (address < 0)
                return -Errno.ENOMEM;
            // A fork in another thread must not copy it.
            long status = KernelCalls.Map((ulong)address, TableLength, MapFlags.Read | MapFlags.Write | MapFlags.Shared | MapFlags.ForkOmit, handle, 0);
            if (status >= 0)
                return address;
            if (status != (long)KernelStatus.Occupied)
                return -Errno.ENOMEM;
        }
    }

    /// <summary>Returns only −errno: success ends this space.</summary>
    private static long Send(TaskState* task, uint handle, ulong address, ulong length)
    {
        ulong count = ChildSignals.Count(task); // before the message: it may send one itself
        ulong* words = KernelCalls.MessageWords(task);
        words[0] = (ulong)ProcessOperation.Exec;
        words[1] = length;
        words[2] = count;
        words[3] = address;
        for (int i = 4; i < 8; i++)
            words[i] = 0;
        Message* message = TaskState.MessageOf(task);
        message->HandleCount = handle != 0 ? 1u : 0;
        message->Handles[0] = handle;
        message->Rights[0] = (uint)(Rights.Read | Rights.Duplicate);
        long status = KernelCalls.Call(WellKnownHandle.Control, Deadline.Never, WaitFlags.Uninterruptible);
        if (status < 0)
            return status == (long)KernelStatus.PeerGone ? -Errno.ESRCH : -Errno.EAGAIN;
        long result = (long)words[0];
        return ErrnoResult.IsError(result) ? result : -Errno.EIO;
    }

    /// <summary>Writes the table. Its length, or −errno in Linux' order: the path first, then the lists.</summary>
    private static long Write(TaskState* task, byte* memory, int room, ulong directory, ulong path, ulong arguments, ulong environment, uint flags)
    {
        var table = new StartTableWriter(memory, room);
        byte* name = (byte*)PersonalityHeap.AllocateDirty(PathArgument.Limit);
        if (name == null)
            return -Errno.ENOMEM;
        long length = UserMemory.CopyString(name, path, PathArgument.Limit);
        ulong directoryHandle = VfsLimits.WorkingDirectory;
        long result = length;
        if (length == 0 && (flags & AtFlags.EmptyPath) == 0)
            result = -Errno.ENOENT;
        if (result >= 0)
            result = PathArgument.Directory(task, directory, name, length, out directoryHandle);
        if (result >= 0)
            result = AddDescriptors(task, ref table);
        int argumentCount = 0, environmentCount = 0;
        if (result >= 0)
            result = Count(arguments, out argumentCount);
        if (result >= 0)
            result = Count(environment, out environmentCount);
        if (result >= 0 && !table.ReserveStrings(argumentCount, environmentCount))
            result = -Errno.E2BIG;
        ulong total = 0;
        if (result >= 0 && length >= table.Left)
            result = -Errno.E2BIG;
        if (result >= 0)
        {
            BlockMemory.Move(memory + table.Free, name, (ulong)length);
            memory[table.Free + length] = 0;
            table.AddPath((int)length);
            result = AddStrings(memory, ref table, environment, environmentCount, ref total, true);
        }
        if (result >= 0)
            result = AddStrings(memory, ref table, arguments, argumentCount, ref total, false);
        PersonalityHeap.Free(name);
        if (result < 0)
            return result;
        ProcessState* process = task->Process;
        table.SetState((uint)directoryHandle, task->SignalMask, SignalActionCalls.Ignored(process->Actions), process->FileMask, process->VfsProcessSlot);
        return table.Finish();
    }

    /// <summary>All open descriptors; sets of epoll that have not moved (<see cref="EpollMove"/>) end with this program.</summary>
    private static long AddDescriptors(TaskState* task, ref StartTableWriter table)
    {
        DescriptorTable* descriptors = task->Process->Descriptors;
        for (int number = DescriptorTable.Next(descriptors, 0); number >= 0; number = DescriptorTable.Next(descriptors, number + 1))
        {
            Descriptor descriptor;
            if (!DescriptorTable.Find(task, (uint)number, &descriptor) || (descriptor.Bits & DescriptorBits.Local) != 0)
                continue;
            if (!table.AddDescriptor((uint)number, descriptor.Handle, descriptor.Bits & DescriptorBits.Kept))
                return -Errno.E2BIG;
        }
        return 0;
    }

    /// <summary>Length of a null-terminated list of pointers; a null list is empty, as on Linux.</summary>
    private static long Count(ulong list, out int count)
    {
        count = 0;
        if (list == 0)
            return 0;
        for (;;)
        {
            if (!UserMemory.ReadU64(list + (ulong)count * 8, out ulong pointer))
                return -Errno.EFAULT;
            if (pointer == 0)
                return 0;
            if (++count > CountLimit)
                return -Errno.E2BIG;
        }
    }

    private static long AddStrings(byte* memory, ref StartTableWriter table, ulong list, int count, ref ulong total, bool environment)
    {
        for (int i = 0; i < count; i++)
        {
            if (!UserMemory.ReadU64(list + (ulong)i * 8, out ulong pointer))
                return -Errno.EFAULT;
            // Another thread shortened the list since it was counted: it ends here.
            if (pointer == 0)
                return 0;
            ulong room = (ulong)table.Left < StringLimit ? (ulong)table.Left : StringLimit;
            long length = UserMemory.CopyString(memory + table.Free, pointer, room);
            if (length < 0)
                return length == -Errno.ENAMETOOLONG ? -Errno.E2BIG : length;
            total += (ulong)length + 1 + 8;
            if (total > TotalLimit)
                return -Errno.E2BIG;
            if (environment)
                table.AddEnvironment(i, (int)length);
            else
                table.AddArgument(i, (int)length);
        }
        return 0;
    }
}

using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Calls on files; what is not one goes on to <see cref="ProcessCalls"/>. Reached from <see cref="Dispatch"/> for every number that is not local.
/// </summary>
internal static unsafe class FileCalls
{
    private const ulong Here = unchecked((ulong)AtFlags.WorkingDirectory);

    /// <summary>Result, or a value of <see cref="Errno"/> negated; -ENOSYS for what is not known.</summary>
    public static long Call(TaskState* task, RegisterFrame* frame, uint number)
    {
        ulong a = frame->Rdi, b = frame->Rsi, c = frame->Rdx, d = frame->R10, e = frame->R8, f = frame->R9;
        switch (number)
        {
            case LinuxCall.preadv2: return ReadWriteCalls.VectoredFlagged(task, a, b, c, d, false, f);
            case LinuxCall.pwritev2: return ReadWriteCalls.VectoredFlagged(task, a, b, c, d, true, f);

            case LinuxCall.creat: return OpenCalls.Open(task, Here, a, OpenFlags.Create | OpenFlags.WriteOnly | OpenFlags.Truncate, b);
            case LinuxCall.openat2: return OpenCalls.OpenHow(task, a, b, c, d);
            case LinuxCall.close_range: return CloseCalls.CloseRange(task, a, b, c);

            case LinuxCall.statx: return StatCalls.Extended(task, a, b, c, d, e);
            case LinuxCall.faccessat: return StatCalls.Access(task, a, b, c, 0);
            case LinuxCall.faccessat2: return StatCalls.Access(task, a, b, c, d);

            case LinuxCall.dup3: return DescriptorCalls.DuplicateExactly(task, a, b, c);
            case LinuxCall.pipe: return DescriptorCalls.Pipe(task, a, 0);
            case LinuxCall.pipe2: return DescriptorCalls.Pipe(task, a, b);
            case LinuxCall.memfd_create: return DescriptorCalls.MemoryFile(task, a, b);
            case LinuxCall.eventfd: return DescriptorCalls.EventCounter(task, a, 0);
            case LinuxCall.eventfd2: return DescriptorCalls.EventCounter(task, a, b);
            case LinuxCall.timerfd_create: return Timers.Create(task, a, b);
            case LinuxCall.timerfd_gettime: return Timers.Get(task, a, b);
            case LinuxCall.signalfd: return SignalDescriptors.Open(task, a, b, c, 0);
            case LinuxCall.signalfd4: return SignalDescriptors.Open(task, a, b, c, d);

            case LinuxCall.ppoll: return PollCalls.PollMasked(task, a, b, c, d, e);
            case LinuxCall.pselect6: return SelectCalls.SelectMasked(task, a, b, c, d, e, f);
            case LinuxCall.restart_syscall: return PollCalls.Restart(task);
            case LinuxCall.epoll_create: return (int)(uint)a <= 0 ? -Errno.EINVAL : EpollCalls.Create(task, 0);
            case LinuxCall.epoll_create1: return EpollCalls.Create(task, a);
            case LinuxCall.epoll_pwait2: return EpollCalls.WaitPrecisely(task, a, b, c, d, e, f);

            case LinuxCall.fsync: return StorageCalls.Sync(task, a, false);
            case LinuxCall.fdatasync: return StorageCalls.Sync(task, a, true);
            case LinuxCall.syncfs: return StorageCalls.SyncFileSystem(task, a);
            case LinuxCall.sync: return StorageCalls.SyncAll(task);
            case LinuxCall.sync_file_range: return StorageCalls.SyncRange(task, a, b, c, d);
            case LinuxCall.fallocate: return StorageCalls.Allocate(task, a, b, c, d);
            case LinuxCall.fadvise64: return StorageCalls.Advise(task, a, c, d);
            case LinuxCall.readahead: return StorageCalls.Advise(task, a, 0, 0);
            case LinuxCall.sendfile: return TransferCalls.SendFile(task, a, b, c, d);
            case LinuxCall.copy_file_range: return TransferCalls.CopyRange(task, a, b, c, d, e, f);
            case LinuxCall.tee: return TransferCalls.Tee(task, a, b, c, d);
            case LinuxCall.splice: return TransferCalls.Splice(task, a, b, c, d, e, f);
            case LinuxCall.vmsplice: return PipeCalls.SpliceMemory(task, a, b, c, d);
        }
        long result = CallOnPath(task, frame, number);
        return result == -Errno.ENOSYS ? ProcessCalls.Call(task, frame, number) : result;
    }

    /// <summary>Calls that change names, attributes and mounts.</summary>
    private static long CallOnPath(TaskState* task, RegisterFrame* frame, uint number)
    {
        ulong a = frame->Rdi, b = frame->Rsi, c = frame->Rdx, d = frame->R10, e = frame->R8;
        switch (number)
        {
            case LinuxCall.getdents: return DirectoryCalls.ReadEntriesOld(task, a, b, c);
            case LinuxCall.readlinkat: return DirectoryCalls.ReadLink(task, a, b, c, d);
            case LinuxCall.mkdirat: return DirectoryCalls.MakeDirectory(task, a, b, c);
            case LinuxCall.mknod: return DirectoryCalls.MakeNode(task, Here, a, b, c);
            case LinuxCall.mknodat: return DirectoryCalls.MakeNode(task, a, b, c, d);
            case LinuxCall.unlinkat: return DirectoryCalls.Unlink(task, a, b, c);
            case LinuxCall.renameat: return DirectoryCalls.Rename(task, a, b, c, d, 0);
            case LinuxCall.renameat2: return DirectoryCalls.Rename(task, a, b, c, d, e);
            case LinuxCall.linkat: return DirectoryCalls.Link(task, a, b, c, d, e);
            case LinuxCall.symlink: return DirectoryCalls.SymbolicLink(task, a, Here, b);
            case LinuxCall.symlinkat: return DirectoryCalls.SymbolicLink(task, a, b, c);

            case LinuxCall.chmod: return AttributeCalls.ChangeMode(task, Here, a, b);
            case LinuxCall.fchmodat: return AttributeCalls.ChangeMode(task, a, b, c);
            case LinuxCall.fchmod: return AttributeCalls.ChangeModeOpen(task, a, b);
            case LinuxCall.chown: return AttributeCalls.ChangeOwner(task, Here, a, b, c, 0);
            case LinuxCall.lchown: return AttributeCalls.ChangeOwner(task, Here, a, b, c, AtFlags.NoFollow);
            case LinuxCall.fchownat: return AttributeCalls.ChangeOwner(task, a, b, c, d, e);
            case LinuxCall.fchown: return AttributeCalls.ChangeOwnerOpen(task, a, b, c);
            case LinuxCall.utime: return AttributeCalls.SetTimesSeconds(task, a, b);
            case LinuxCall.utimes: return AttributeCalls.SetTimesMicroseconds(task, Here, a, b);
            case LinuxCall.futimesat: return AttributeCalls.SetTimesMicroseconds(task, a, b, c);
            case LinuxCall.utimensat: return AttributeCalls.SetTimes(task, a, b, c, d);
            case LinuxCall.truncate: return AttributeCalls.Truncate(task, a, b);

            case LinuxCall.chdir: return LocationCalls.Change(task, VfsOperation.ChangeDirectory, a);
            case LinuxCall.fchdir: return LocationCalls.ChangeOpen(task, a);
            case LinuxCall.chroot: return LocationCalls.Change(task, VfsOperation.ChangeRoot, a);
            case LinuxCall.getcwd: return LocationCalls.Current(task, a, b);
            case LinuxCall.umask: return LocationCalls.FileMask(task, a);
            case LinuxCall.statfs: return LocationCalls.FileSystem(task, a, b);
            case LinuxCall.fstatfs: return LocationCalls.FileSystemOpen(task, a, b);
            case LinuxCall.mount: return LocationCalls.Mount(task, a, b, c, d, e);
            case LinuxCall.syslog: return KernelLogCall.Call(task, a, b, c);
            case LinuxCall.sethostname: return HostNameCalls.Set(task, HostNameAction.SetHost, a, b);
            case LinuxCall.setdomainname: return HostNameCalls.Set(task, HostNameAction.SetDomain, a, b);
            case LinuxCall.umount2: return LocationCalls.Unmount(task, a, b);
            default: return CallOnAttributes(task, frame, number);
        }
    }

    /// <summary>Extended attributes.</summary>
    private static long CallOnAttributes(TaskState* task, RegisterFrame* frame, uint number)
    {
        ulong a = frame->Rdi, b = frame->Rsi, c = frame->Rdx, d = frame->R10, e = frame->R8;
        switch (number)
        {
            case LinuxCall.setxattr: return ExtendedAttributeCalls.Set(task, AttributeOf.Path, a, b, c, d, e);
            case LinuxCall.lsetxattr: return ExtendedAttributeCalls.Set(task, AttributeOf.Link, a, b, c, d, e);
            case LinuxCall.fsetxattr: return ExtendedAttributeCalls.Set(task, AttributeOf.Descriptor, a, b, c, d, e);
            case LinuxCall.getxattr: return ExtendedAttributeCalls.Get(task, AttributeOf.Path, a, b, c, d);
            case LinuxCall.lgetxattr: return ExtendedAttributeCalls.Get(task, AttributeOf.Link, a, b, c, d);
            case LinuxCall.fgetxattr: return ExtendedAttributeCalls.Get(task, AttributeOf.Descriptor, a, b, c, d);
            case LinuxCall.listxattr: return ExtendedAttributeCalls.List(task, AttributeOf.Path, a, b, c);
            case LinuxCall.llistxattr: return ExtendedAttributeCalls.List(task, AttributeOf.Link, a, b, c);
            case LinuxCall.flistxattr: return ExtendedAttributeCalls.List(task, AttributeOf.Descriptor, a, b, c);
            case LinuxCall.removexattr: return ExtendedAttributeCalls.Remove(task, AttributeOf.Path, a, b);
            case LinuxCall.lremovexattr: return ExtendedAttributeCalls.Remove(task, AttributeOf.Link, a, b);
            case LinuxCall.fremovexattr: return ExtendedAttributeCalls.Remove(task, AttributeOf.Descriptor, a, b);
            default: return -Errno.ENOSYS;
        }
    }
}

using System.Runtime;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// Calls that are short, or that programs make all the time: each has an entry of its own in the call table (image/Generate/Personality/CallTable.cs), because
/// the three switches from <see cref="Dispatch"/> on cost up to 150 instructions; they are not in those. Arguments as there. Those here need servers: a server
/// itself has answers of its own. <see cref="LocalCalls"/> are the same for all.
/// </summary>
internal static unsafe class HotCalls
{
    private const ulong Here = unchecked((ulong)AtFlags.WorkingDirectory);

    [RuntimeExport("call_read")]
    private static long Read(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? ReadWriteCalls.Plain(task, frame->Rdi, frame->Rsi, frame->Rdx, false) : Dispatch.Call(task, frame);

    [RuntimeExport("call_write")]
    private static long Write(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? ReadWriteCalls.Plain(task, frame->Rdi, frame->Rsi, frame->Rdx, true) : Dispatch.Call(task, frame);

    [RuntimeExport("call_open")]
    private static long Open(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? OpenCalls.Open(task, Here, frame->Rdi, frame->Rsi, frame->Rdx) : Dispatch.Call(task, frame);

    [RuntimeExport("call_close")]
    private static long Close(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? CloseCalls.Close(task, frame->Rdi) : Dispatch.Call(task, frame);

    [RuntimeExport("call_stat")]
    private static long Stat(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? StatCalls.Stat(task, Here, frame->Rdi, frame->Rsi, 0) : Dispatch.Call(task, frame);

    [RuntimeExport("call_fstat")]
    private static long Fstat(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? StatCalls.FileStat(task, frame->Rdi, frame->Rsi) : Dispatch.Call(task, frame);

    [RuntimeExport("call_lstat")]
    private static long Lstat(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? StatCalls.Stat(task, Here, frame->Rdi, frame->Rsi, AtFlags.NoFollow) : Dispatch.Call(task, frame);

    [RuntimeExport("call_poll")]
    private static long Poll(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? PollCalls.Poll(task, frame->Rdi, frame->Rsi, frame->Rdx) : Dispatch.Call(task, frame);

    [RuntimeExport("call_lseek")]
    private static long Lseek(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? DescriptorCalls.Seek(task, frame->Rdi, frame->Rsi, frame->Rdx) : Dispatch.Call(task, frame);

    [RuntimeExport("call_pread64")]
    private static long Pread64(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? ReadWriteCalls.Positioned(task, frame->Rdi, frame->Rsi, frame->Rdx, frame->R10, false) : Dispatch.Call(task, frame);

    [RuntimeExport("call_pwrite64")]
    private static long Pwrite64(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? ReadWriteCalls.Positioned(task, frame->Rdi, frame->Rsi, frame->Rdx, frame->R10, true) : Dispatch.Call(task, frame);

    [RuntimeExport("call_readv")]
    private static long Readv(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? ReadWriteCalls.Vectored(task, frame->Rdi, frame->Rsi, frame->Rdx, false) : Dispatch.Call(task, frame);

    [RuntimeExport("call_writev")]
    private static long Writev(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? ReadWriteCalls.Vectored(task, frame->Rdi, frame->Rsi, frame->Rdx, true) : Dispatch.Call(task, frame);

    [RuntimeExport("call_access")]
    private static long Access(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? StatCalls.Access(task, Here, frame->Rdi, frame->Rsi, 0) : Dispatch.Call(task, frame);

    [RuntimeExport("call_select")]
    private static long Select(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? SelectCalls.Select(task, frame->Rdi, frame->Rsi, frame->Rdx, frame->R10, frame->R8) : Dispatch.Call(task, frame);

    [RuntimeExport("call_dup")]
    private static long Dup(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? DescriptorCalls.Duplicate(task, frame->Rdi) : Dispatch.Call(task, frame);

    [RuntimeExport("call_kill")]
    private static long Kill(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? KillCalls.Kill(task, frame->Rdi, frame->Rsi) : Dispatch.Call(task, frame);

    [RuntimeExport("call_flock")]
    private static long Flock(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? StorageCalls.Lock(task, frame->Rdi, frame->Rsi) : Dispatch.Call(task, frame);

    [RuntimeExport("call_ftruncate")]
    private static long Ftruncate(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? AttributeCalls.TruncateOpen(task, frame->Rdi, frame->Rsi) : Dispatch.Call(task, frame);

    [RuntimeExport("call_rename")]
    private static long Rename(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? DirectoryCalls.Rename(task, Here, frame->Rdi, Here, frame->Rsi, 0) : Dispatch.Call(task, frame);

    [RuntimeExport("call_mkdir")]
    private static long Mkdir(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? DirectoryCalls.MakeDirectory(task, Here, frame->Rdi, frame->Rsi) : Dispatch.Call(task, frame);

    [RuntimeExport("call_rmdir")]
    private static long Rmdir(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? DirectoryCalls.Unlink(task, Here, frame->Rdi, AtFlags.RemoveDirectory) : Dispatch.Call(task, frame);

    [RuntimeExport("call_link")]
    private static long Link(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? DirectoryCalls.Link(task, Here, frame->Rdi, Here, frame->Rsi, 0) : Dispatch.Call(task, frame);

    [RuntimeExport("call_unlink")]
    private static long Unlink(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? DirectoryCalls.Unlink(task, Here, frame->Rdi, 0) : Dispatch.Call(task, frame);

    [RuntimeExport("call_readlink")]
    private static long Readlink(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? DirectoryCalls.ReadLink(task, Here, frame->Rdi, frame->Rsi, frame->Rdx) : Dispatch.Call(task, frame);

    [RuntimeExport("call_getuid")]
    private static long Getuid(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? (uint)KnownIds.Users(task) : Dispatch.Call(task, frame);

    [RuntimeExport("call_getgid")]
    private static long Getgid(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? (uint)KnownIds.Groups(task) : Dispatch.Call(task, frame);

    [RuntimeExport("call_geteuid")]
    private static long Geteuid(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? (uint)(KnownIds.Users(task) >> 32) : Dispatch.Call(task, frame);

    [RuntimeExport("call_getegid")]
    private static long Getegid(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? (uint)(KnownIds.Groups(task) >> 32) : Dispatch.Call(task, frame);

    [RuntimeExport("call_getppid")]
    private static long Getppid(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? IdentityCalls.Parent(task) : Dispatch.Call(task, frame);

    [RuntimeExport("call_getpgrp")]
    private static long Getpgrp(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? IdentityCalls.ProcessGroup(task, 0) : Dispatch.Call(task, frame);

    [RuntimeExport("call_epoll_wait")]
    private static long EpollWait(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? EpollCalls.Wait(task, frame->Rdi, frame->Rsi, frame->Rdx, frame->R10, 0, 8) : Dispatch.Call(task, frame);

    [RuntimeExport("call_openat")]
    private static long Openat(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? OpenCalls.Open(task, frame->Rdi, frame->Rsi, frame->Rdx, frame->R10) : Dispatch.Call(task, frame);

    [RuntimeExport("call_newfstatat")]
    private static long Newfstatat(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? StatCalls.Stat(task, frame->Rdi, frame->Rsi, frame->Rdx, (uint)frame->R10) : Dispatch.Call(task, frame);

    [RuntimeExport("call_epoll_pwait")]
    private static long EpollPwait(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? EpollCalls.Wait(task, frame->Rdi, frame->Rsi, frame->Rdx, frame->R10, frame->R8, frame->R9) : Dispatch.Call(task, frame);

    [RuntimeExport("call_ioctl")]
    private static long Ioctl(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? DeviceControlCalls.Control(task, frame->Rdi, frame->Rsi, frame->Rdx) : Dispatch.Call(task, frame);

    [RuntimeExport("call_dup2")]
    private static long Dup2(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? DescriptorCalls.DuplicateOver(task, frame->Rdi, frame->Rsi) : Dispatch.Call(task, frame);

    [RuntimeExport("call_fcntl")]
    private static long Fcntl(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? DescriptorCalls.Control(task, frame->Rdi, frame->Rsi, frame->Rdx) : Dispatch.Call(task, frame);

    [RuntimeExport("call_getdents64")]
    private static long Getdents64(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? DirectoryCalls.ReadEntries(task, frame->Rdi, frame->Rsi, frame->Rdx) : Dispatch.Call(task, frame);

    [RuntimeExport("call_epoll_ctl")]
    private static long EpollCtl(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? EpollCalls.Control(task, frame->Rdi, frame->Rsi, frame->Rdx, frame->R10) : Dispatch.Call(task, frame);

    [RuntimeExport("call_timerfd_settime")]
    private static long TimerfdSettime(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? Timers.Set(task, frame->Rdi, frame->Rsi, frame->Rdx, frame->R10) : Dispatch.Call(task, frame);

    [RuntimeExport("call_preadv")]
    private static long Preadv(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? ReadWriteCalls.VectoredPositioned(task, frame->Rdi, frame->Rsi, frame->Rdx, frame->R10, false)
            : Dispatch.Call(task, frame);

    [RuntimeExport("call_pwritev")]
    private static long Pwritev(TaskState* task, RegisterFrame* frame) =>
        ControlCalls.HasServer(task) ? ReadWriteCalls.VectoredPositioned(task, frame->Rdi, frame->Rsi, frame->Rdx, frame->R10, true)
            : Dispatch.Call(task, frame);

    [RuntimeExport("call_sendto")]
    private static long Sendto(TaskState* task, RegisterFrame* frame) => ControlCalls.HasServer(task)
        ? SendCalls.To(task, frame->Rdi, frame->Rsi, frame->Rdx, frame->R10, frame->R8, frame->R9) : Dispatch.Call(task, frame);

    [RuntimeExport("call_recvfrom")]
    private static long Recvfrom(TaskState* task, RegisterFrame* frame) => ControlCalls.HasServer(task)
        ? ReceiveCalls.From(task, frame->Rdi, frame->Rsi, frame->Rdx, frame->R10, frame->R8, frame->R9) : Dispatch.Call(task, frame);
}

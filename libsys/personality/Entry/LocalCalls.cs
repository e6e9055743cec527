using System.Runtime;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>Entries of the call table for what a process answers itself, be it a program's or a server's; and the one for all calls that have none.</summary>
internal static unsafe class LocalCalls
{
    [RuntimeExport("call_any")]
    private static long Any(TaskState* task, RegisterFrame* frame) => Dispatch.Call(task, frame);

    [RuntimeExport("call_getpid")]
    private static long Getpid(TaskState* task, RegisterFrame* frame) => task->Process->ProcessId;

    [RuntimeExport("call_gettid")]
    private static long Gettid(TaskState* task, RegisterFrame* frame) => task->ThreadId;

    [RuntimeExport("call_futex")]
    private static long Futex(TaskState* task, RegisterFrame* frame) => FutexCalls.Call(task, frame);

    [RuntimeExport("call_clock_gettime")]
    private static long ClockGettime(TaskState* task, RegisterFrame* frame) => ClockCalls.GetTime(task, frame);

    [RuntimeExport("call_mmap")]
    private static long Mmap(TaskState* task, RegisterFrame* frame) => MapCalls.Map(task, frame);

    [RuntimeExport("call_mprotect")]
    private static long Mprotect(TaskState* task, RegisterFrame* frame) => MapCalls.Protect(task, frame);

    [RuntimeExport("call_munmap")]
    private static long Munmap(TaskState* task, RegisterFrame* frame) => MapCalls.Unmap(task, frame);

    [RuntimeExport("call_rt_sigaction")]
    private static long RtSigaction(TaskState* task, RegisterFrame* frame) => SignalActionCalls.Change(task, frame);

    [RuntimeExport("call_rt_sigprocmask")]
    private static long RtSigprocmask(TaskState* task, RegisterFrame* frame) => SignalMaskCalls.Change(task, frame);

    [RuntimeExport("call_tkill")]
    private static long Tkill(TaskState* task, RegisterFrame* frame) => SignalSendCalls.ToThread(task, frame, User(task));

    [RuntimeExport("call_tgkill")]
    private static long Tgkill(TaskState* task, RegisterFrame* frame) => SignalSendCalls.ToThreadOfGroup(task, frame, User(task));

    [RuntimeExport("call_getrandom")]
    private static long Getrandom(TaskState* task, RegisterFrame* frame) => RandomGenerator.Call(task, frame);

    // Of a server: root.
    private static uint User(TaskState* task) => ControlCalls.HasServer(task) ? (uint)KnownIds.Users(task) : 0;
}

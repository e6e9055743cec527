using System.Runtime.InteropServices;

namespace Libsys.Bench;

/// <summary>Processes and threads from their making to their end.</summary>
internal static unsafe class ProcessRows
{
    // A program that ends at once: without an argument it does nothing.
    private static readonly nint Nothing = Linux.Text("/CallCosts\0"u8);

    // Its arguments: its name and the null at the end; an environment without variables.
    private static readonly nint* Arguments = MakeArguments();

    public static IEnumerable<Row> All() =>
    [
        new("fork + exit + wait", () => new(ForkAndExit)),
        new("fork + exec + exit + wait", () => new(ForkAndExecute)),
        new("posix_spawn + exit + wait", () => new(Spawn)),
        new("pthread_create + pthread_join", () => new(CreateAndJoin)),
    ];

    private static nint* MakeArguments()
    {
        nint* arguments = (nint*)Memory.Allocate(Memory.PageLength);
        arguments[0] = Nothing;
        arguments[1] = 0;
        return arguments;
    }

    private static long ForkAndExit()
    {
        long pid = Linux.Call(Numbers.Fork);
        if (pid == 0)
            Linux.Call(Numbers.ExitGroup, 0);
        return Child.Wait(pid);
    }

    private static long ForkAndExecute()
    {
        int status = 0;
        long pid = Linux.Call(Numbers.Fork);
        if (pid == 0)
        {
            Linux.Call(Numbers.Execve, Nothing, (nint)Arguments, (nint)(Arguments + 1));
            Linux.Call(Numbers.ExitGroup, 1);
        }

        return Linux.Call(Numbers.Wait, pid, (nint)(&status), 0) < 0 ? -1 : -status;
    }

    private static long Spawn()
    {
        int pid = 0, status = 0;
        int error = Linux.Spawn(&pid, Nothing, 0, 0, Arguments, Arguments + 1);
        return error != 0 || Linux.Call(Numbers.Wait, pid, (nint)(&status), 0) < 0 ? -1 : -status;
    }

    private static long CreateAndJoin()
    {
        nint thread, result;
        int error = Linux.CreateThread(&thread, 0, &Run, 0);
        return error != 0 ? -error : -Linux.JoinThread(thread, &result);
    }

    [UnmanagedCallersOnly]
    private static nint Run(nint argument) => argument;
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Libsys.Bench;

/// <summary>A call of the C library that failed.</summary>
internal sealed class CallFailedException(string call, int error) : Exception($"{call}: error {error}");

/// <summary>
/// System calls by number, through syscall(2) of the C library, and the few of its functions that do more than one call. Memory and text are addresses. What
/// blocks or forks is called like the rest: there is one thread that runs C#, and no collection while something is measured.
/// </summary>
internal static unsafe class Linux
{
    private const string Library = "libc";

    /// <summary>Any system call; -1 is an error.</summary>
    [DllImport(Library, EntryPoint = "syscall"), SuppressGCTransition]
    public static extern long Call(long number, long a0 = 0, long a1 = 0, long a2 = 0, long a3 = 0, long a4 = 0, long a5 = 0);

    /// <summary>The same for calls that may run a signal handler in C#, or wait for a thread that runs C#: the runtime is told.</summary>
    [DllImport(Library, EntryPoint = "syscall")]
    public static extern long CallAndRun(long number, long a0 = 0, long a1 = 0, long a2 = 0, long a3 = 0);

    /// <summary>clock_gettime(2) as a user of the C library calls it: without a system call where the system has a vDSO.</summary>
    [DllImport(Library, EntryPoint = "clock_gettime"), SuppressGCTransition]
    public static extern int GetTime(int clock, long* time);

    /// <summary>signal(2).</summary>
    [DllImport(Library, EntryPoint = "signal")]
    public static extern nint SetHandler(int signal, delegate* unmanaged<int, void> handler);

    /// <summary>posix_spawn(3), without file actions and attributes.</summary>
    [DllImport(Library, EntryPoint = "posix_spawn"), SuppressGCTransition]
    public static extern int Spawn(int* pid, nint path, nint actions, nint attributes, nint* arguments, nint* environment);

    /// <summary>pthread_create(3); an error number.</summary>
    [DllImport(Library, EntryPoint = "pthread_create")]
    public static extern int CreateThread(nint* thread, nint attributes, delegate* unmanaged<nint, nint> start, nint argument);

    /// <summary>pthread_join(3).</summary>
    [DllImport(Library, EntryPoint = "pthread_join")]
    public static extern int JoinThread(nint thread, nint* result);

    /// <summary>The result, if it is none of an error.</summary>
    /// <exception cref="CallFailedException">It is.</exception>
    public static long Check(long result, [CallerArgumentExpression(nameof(result))] string call = "") =>
        result >= 0 ? result : throw new CallFailedException(call, Marshal.GetLastSystemError());

    /// <summary>Nanoseconds of CLOCK_MONOTONIC: instructions, where one takes one nanosecond.</summary>
    public static long Now()
    {
        long* time = stackalloc long[2];
        GetTime(1, time);
        return time[0] * 1_000_000_000 + time[1];
    }

    /// <summary>
    /// A line on standard output. Not by Console: the runtime would then start a thread that waits for signals in a read, and a process with a second thread in
    /// a call is another thing to measure.
    /// </summary>
    public static void WriteLine(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line + "\n");
        fixed (byte* start = bytes)
        {
            for (long written = 0; written < bytes.Length;)
                written += Check(Call(Numbers.Write, 1, (nint)start + (nint)written, bytes.Length - written));
        }
    }

    /// <summary>nanosleep(2).</summary>
    public static void Sleep(double seconds)
    {
        long* time = stackalloc long[2] { (long)seconds, (long)(seconds % 1 * 1e9) };
        Call(Numbers.Nanosleep, (nint)time, 0);
    }

    /// <summary>The address of a literal, which ends with a NUL. Literals do not move.</summary>
    public static nint Text(ReadOnlySpan<byte> literal) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(literal));
}

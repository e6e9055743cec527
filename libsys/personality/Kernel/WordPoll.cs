using System.Runtime.CompilerServices;
using System.Threading;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// With a CPU to spare a thread looks at memory for a moment before it sleeps: what it waits for is often there sooner than a thread is woken. Only while each
/// thread that could run does so, or is taken by a CPU that looks for one; so never with one CPU. See docs/decisions/spinning-before-sleep.md.
/// </summary>
internal static unsafe class WordPoll
{
    /// <summary>An ordinary request is answered in 5 µs, under emulation in 20; to sleep and be woken takes as long again. Servers look as long.</summary>
    public const ulong Nanoseconds = 50_000;

    /// <summary>Between two looks at the clock, which takes longer than a look, and under emulation a lock of all CPUs.</summary>
    public const int Looks = 16;

    /// <summary>Nobody waits for the CPU of a thread that looks.</summary>
    /// <param name="page">The kernel's page.</param>
    /// <param name="woken">Threads that are woken before.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MayLook(KernelPage* page, uint woken) =>
        Volatile.Read(ref page->Spinning) >= Volatile.Read(ref page->Ready) + woken;

    /// <summary>Looks at a word that others change before they wake those who sleep on it. True: it has changed; else the thread is to sleep.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool SeesChange(uint* word, uint seen, ulong deadline) => Clock.Page->CpuCount != 1 && Look(word, seen, deadline);

    private static bool Look(uint* word, uint seen, ulong deadline)
    {
        KernelPage* page = Clock.Page;
        ulong end = Clock.Now + Nanoseconds;
        if (end > deadline)
            end = deadline;
        do
        {
            for (int looks = Looks; looks != 0; looks--)
            {
                if (Volatile.Read(ref *word) != seen)
                    return true;
                if (!MayLook(page, 0))
                    return false;
            }
        }
        while (Clock.Now < end);
        return false;
    }
}

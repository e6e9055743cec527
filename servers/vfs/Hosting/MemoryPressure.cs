using Libsys.Hosting;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Hosting;

/// <summary>Has the page cache give frames back when few are left in the machine: docs/page-cache.md.</summary>
internal sealed class MemoryPressure
{
    // Of the machine's frames: enough that programs do not find the end while the cache gives back, little enough that nobody misses them.
    private const ulong WatchedPart = 32;

    // Nanoseconds. When nothing could be given back it is not tried for each page that somebody takes.
    private const ulong Pause = 50_000_000;

    private readonly EventLoop loop;
    private readonly MachineHandle machine;
    private readonly PageCache cache;
    private readonly LoopTimer pause;
    private readonly ulong bits;
    private readonly ulong frames;

    /// <summary>Begins to watch.</summary>
    /// <param name="loop">Is told.</param>
    /// <param name="machine">With the right Read.</param>
    /// <param name="cache">Gives back.</param>
    /// <param name="totalFrames">The machine's.</param>
    public MemoryPressure(EventLoop loop, MachineHandle machine, PageCache cache, ulong totalFrames)
    {
        (this.loop, this.machine, this.cache) = (loop, machine, cache);
        frames = totalFrames / WatchedPart;
        pause = loop.CreateTimer(Watch);
        bits = loop.Add(Told);
        Watch();
    }

    private void Told()
    {
        if (cache.GiveBack((int)frames))
            Watch();
        else
            pause.Set(loop.Now + Pause);
    }

    private void Watch() => machine.WatchMemory(frames, loop.Notification, bits);
}

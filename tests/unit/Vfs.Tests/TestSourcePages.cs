using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Tests;

/// <summary>Pages that a test's programs share with vfs, on the heap.</summary>
internal sealed class TestSourcePages(int length = (int)EventCounterPage.Length) : ISourcePages
{
    public int Count { get; private set; }

    public int Most { get; set; } = int.MaxValue;

    /// <summary>Called before vfs touches a page each time: what a program does meanwhile.</summary>
    public Action? Touched { get; set; }

    public ISourcePage? Create(bool isPrivileged)
    {
        if (Count >= Most)
            return null;
        Count++;
        return new TestSourcePage(this, (uint)length);
    }

    /// <summary>Words that vfs has woken sleepers on, newest last.</summary>
    public List<uint> Woken { get; } = [];

    public ISourcePage? CreateStream(bool isPrivileged)
    {
        if (Count >= Most)
            return null;
        Count++;
        return new TestSourcePage(this, StreamLayout.Length);
    }

    private sealed class TestSourcePage(TestSourcePages pages, uint length) : ISourcePage
    {
        private MappedMemory? memory = MappedMemory.Allocate((int)length);

        public MappedMemory Memory
        {
            get
            {
                pages.Touched?.Invoke();
                return memory ?? throw new InvalidOperationException("the page is gone");
            }
        }

        public void Wake(uint offset) => pages.Woken.Add(offset);

        public void Destroy()
        {
            memory = null;
            pages.Count--;
        }
    }
}

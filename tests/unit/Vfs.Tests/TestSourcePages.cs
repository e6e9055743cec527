using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Tests;

/// <summary>Pages that a test's programs share with vfs, on the heap.</summary>
internal sealed class TestSourcePages : ISourcePages
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
        return new TestSourcePage(this);
    }

    private sealed class TestSourcePage(TestSourcePages pages) : ISourcePage
    {
        private MappedMemory? memory = MappedMemory.Allocate((int)EventCounterPage.Length);

        public MappedMemory Memory
        {
            get
            {
                pages.Touched?.Invoke();
                return memory ?? throw new InvalidOperationException("the page is gone");
            }
        }

        public void Destroy()
        {
            memory = null;
            pages.Count--;
        }
    }
}

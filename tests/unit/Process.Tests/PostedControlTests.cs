using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Spaces;

namespace Servers.Processes.Tests;

/// <summary>The process server's side of docs/posted-control.md.</summary>
public sealed class PostedControlTests
{
    private readonly MappedMemory page = MappedMemory.Allocate((int)ControlLayout.Length);
    private readonly PostedControl posted;

    public PostedControlTests() => posted = new PostedControl(page);

    [Fact]
    public void It_is_posted_while_vfs_says_so_alone_if_it_must_be_and_as_long_as_there_is_room()
    {
        Assert.False(Post(1, ControlLayout.Quiet));
        page.WriteUInt32(ControlLayout.State, ControlLayout.Roomy);
        Assert.False(Post(1, ControlLayout.Quiet));
        Assert.True(Post(1, ControlLayout.Roomy, isAlone: true));
        Assert.False(Post(2, ControlLayout.Roomy, isAlone: true));
        page.WriteUInt32(ControlLayout.Head, 1);
        Assert.True(Post(2, ControlLayout.Roomy, isAlone: true));
        page.WriteUInt32(ControlLayout.State, ControlLayout.Quiet);
        for (uint count = 1; count < ControlLayout.Entries; count++)
            Assert.True(Post(count, ControlLayout.Quiet));
        Assert.False(Post(9, ControlLayout.Quiet));
        Assert.Equal(ControlLayout.Entries + 1, page.ReadUInt32(ControlLayout.Tail));
        Assert.Equal(2ul, page.ReadUInt64(ControlLayout.EntryAt(1)));
        Assert.Equal(2ul + ControlLayout.EntryWords - 1, page.ReadUInt64(ControlLayout.EntryAt(1) + (ControlLayout.EntryWords - 1) * sizeof(ulong)));
        page.WriteUInt32(ControlLayout.Head, 99); // nonsense of vfs is a full ring
        Assert.False(Post(9, ControlLayout.Quiet));
    }

    private bool Post(ulong first, uint state, bool isAlone = false)
    {
        MessageWords words = default;
        for (int index = 0; index < ControlLayout.EntryWords; index++)
            words[index] = first + (ulong)index;
        return posted.TryPost(in words, state, isAlone);
    }
}

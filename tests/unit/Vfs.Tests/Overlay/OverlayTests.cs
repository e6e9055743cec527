using Libsys.Linux;
using Libsys.Messages;
using Servers.Vfs.Ext4;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests.Overlay;

/// <summary>Directories laid over each other, whatever file systems they lie on.</summary>
public sealed class OverlayTests
{
    private const string Opaque = "trusted.overlay.opaque";

    public static TheoryData<LayerPlace> Places => [.. Enum.GetValues<LayerPlace>()];

    [Theory]
    [MemberData(nameof(Places))]
    public void The_topmost_layer_that_has_a_name_is_shown_and_directories_are_one(LayerPlace place)
    {
        OverlaySystem system = Make(place);
        Assert.Equal("d first gone-below only-upper second", system.Names("/o"));
        Assert.Equal("one two upper", system.Names("/o/d"));
        Assert.Equal("of first", system.Client.ReadText("/o/d/one"));
        Assert.Equal("of upper", system.Client.ReadText("/o/d/upper"));
        Assert.Equal("of second", system.Client.ReadText("/o/second"));
        Assert.Equal(-(long)Errno.ENOENT, system.Client.Stat("/o/hidden", out _));
        Assert.Equal(0, system.Client.Stat("/o/d", out TestStat merged));
        Assert.Equal(1ul, merged.Links);
        Assert.Equal(0, system.Unmount());
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void What_is_changed_is_copied_and_what_is_removed_is_hidden_and_nothing_below_changes(LayerPlace place)
    {
        OverlaySystem system = Make(place);
        string first = system.Describe(system.First), second = system.Describe(system.Second);
        TestClient client = system.Client;
        long reader = client.Open("/o/d/two");
        long handle = client.Open("/o/d/two", OpenFlags.WriteOnly);
        Assert.Equal(3, client.Write(handle, "OF "u8, 0));
        Assert.Equal(0, client.Close(handle));
        // Who had opened it before sees the copy.
        Assert.Equal(9, client.Read(reader, 100, out byte[] seen, 0));
        Assert.Equal("OF second"u8.ToArray(), seen);
        Assert.Equal(0, client.Close(reader));
        Assert.Equal(0, client.ChangeMode("/o/first", 0x180));
        Assert.Equal(0, client.Unlink("/o/second"));
        Assert.Equal(0, client.Unlink("/o/d/one"));
        Assert.Equal(-(long)Errno.ENOTEMPTY, client.RemoveDirectory("/o/d"));
        Assert.Equal("two upper", system.Names("/o/d"));
        Assert.Equal(0, client.Stat(system.Upper + "/d/one", out TestStat whiteout, follow: false));
        Assert.Equal(InodeMode.Character, InodeMode.Type(whiteout.Mode));
        Assert.Equal("OF second", client.ReadText(system.Upper + "/d/two"));
        Assert.Equal(0, client.Unlink("/o/d/two"));
        Assert.Equal(0, client.Unlink("/o/d/upper"));
        Assert.Equal(0, client.RemoveDirectory("/o/d"));
        Assert.Equal(-(long)Errno.ENOENT, client.Stat("/o/d", out _));
        // A new one of that name shows nothing of the old one.
        Assert.Equal(0, client.MakeDirectory("/o/d"));
        Assert.Equal("", system.Names("/o/d"));
        client.WriteText("/o/d/one", "new");
        client.WriteText("/o/second", "new too");
        Assert.Equal((first, second), (system.Describe(system.First), system.Describe(system.Second)));
        string shown = system.Describe("/o");
        Assert.Equal(0, system.Unmount());
        Assert.Equal("", system.Names(system.Work + "/work"));
        Assert.Equal(0, system.Mount());
        Assert.Equal(shown, system.Describe("/o"));
        Assert.Equal("one", system.Names("/o/d"));
        Assert.Equal(0, system.Unmount());
        Assert.Equal(0, system.Disk.Unmount());
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Files_move_and_directories_of_lower_layers_do_not(LayerPlace place)
    {
        OverlaySystem system = Make(place);
        TestClient client = system.Client;
        Assert.Equal(-(long)Errno.EXDEV, client.Rename("/o/d", "/o/e"));
        Assert.Equal(0, client.Rename("/o/first", "/o/d/moved"));
        Assert.Equal("of first", client.ReadText("/o/d/moved"));
        Assert.Equal(-(long)Errno.ENOENT, client.Stat("/o/first", out _));
        Assert.Equal(0, client.Rename("/o/d/one", "/o/second"));
        Assert.Equal("of first", client.ReadText("/o/second"));
        Assert.Equal(0, client.MakeDirectory("/o/new"));
        client.WriteText("/o/new/in", "inside");
        Assert.Equal(0, client.Rename("/o/new", "/o/d/new"));
        Assert.Equal("inside", client.ReadText("/o/d/new/in"));
        const ulong exchange = 2;
        Assert.Equal(0, client.Rename("/o/second", "/o/d/two", exchange));
        Assert.Equal(("of second", "of first"), (client.ReadText("/o/second"), client.ReadText("/o/d/two")));
        Assert.Equal(0, client.Link("/o/gone-below", "/o/d/linked"));
        Assert.Equal(0, client.Stat("/o/d/linked", out TestStat linked));
        Assert.Equal(2ul, linked.Links);
        long handle = client.Open("/o/d/linked", OpenFlags.WriteOnly | OpenFlags.Append);
        Assert.Equal(1, client.Write(handle, "!"u8));
        Assert.Equal(0, client.Close(handle));
        Assert.Equal("of second!", client.ReadText("/o/gone-below"));
        string shown = system.Describe("/o");
        Assert.Equal(0, system.Unmount());
        Assert.Equal(0, system.Mount());
        Assert.Equal(shown, system.Describe("/o"));
    }

    [Fact]
    public void A_copy_has_the_attributes_of_the_file_and_leaves_the_directory_as_old_as_it_was()
    {
        OverlaySystem system = Make(LayerPlace.DiskBelow);
        TestClient client = system.Client;
        Assert.Equal(0, client.Stat("/o/d", out TestStat before));
        byte[] times = client.Channel.Pool.Slice(StatLayout.ModifyTime, 16).ToArray();
        system.Disk.System.Clock.Advance(5_000_000_000);
        long handle = client.Open("/o/d/big", OpenFlags.WriteOnly);
        Assert.Equal(-(long)Errno.ENOENT, handle);
        Assert.Equal(0, client.Stat("/o/d/two", out TestStat old));
        byte[] oldTimes = client.Channel.Pool.Slice(StatLayout.ModifyTime, 16).ToArray();
        handle = client.Open("/o/d/two", OpenFlags.WriteOnly);
        Assert.True(handle >= 0);
        Assert.Equal(0, client.Stat("/o/d/two", out TestStat copied));
        Assert.Equal((old.Mode, old.User, old.Group, old.Size, old.Inode), (copied.Mode, copied.User, copied.Group, copied.Size, copied.Inode));
        Assert.Equal(oldTimes, client.Channel.Pool.Slice(StatLayout.ModifyTime, 16).ToArray());
        Assert.Equal(0, client.Stat("/o/d", out TestStat after));
        Assert.Equal(times, client.Channel.Pool.Slice(StatLayout.ModifyTime, 16).ToArray());
        Assert.Equal(before.Inode, after.Inode);
    }

    [Fact]
    public void A_large_file_is_copied_in_turns_with_its_holes()
    {
        OverlaySystem system = new(LayerPlace.DiskBelow);
        TestClient client = system.Client;
        long handle = client.Open(system.First + "/big", OpenFlags.Create | OpenFlags.WriteOnly);
        byte[] bytes = new byte[14_000];
        new Random(1).NextBytes(bytes);
        for (int number = 0; number < 200; number++)
            Assert.Equal(bytes.Length, client.Write(handle, bytes, number * (long)bytes.Length));
        Assert.Equal(0, client.Truncate(handle, 50_000_000));
        Assert.Equal(0, client.Close(handle));
        Assert.Equal(0, system.Mount());
        handle = client.Open("/o/big", OpenFlags.ReadWrite);
        Assert.True(handle >= 0, handle.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(0, client.StatHandle(handle, out TestStat stat));
        Assert.Equal(50_000_000, stat.Size);
        Assert.True(stat.Blocks is > 5000 and < 6000, $"{stat.Blocks} blocks");
        for (int number = 0; number < 200; number += 17)
        {
            Assert.Equal(bytes.Length, client.Read(handle, bytes.Length, out byte[] read, number * (long)bytes.Length));
            Assert.Equal(bytes, read);
        }
    }

    [Fact]
    public void Without_an_upper_layer_nothing_can_be_written()
    {
        OverlaySystem system = Make(LayerPlace.Memory);
        Assert.Equal(0, system.Unmount());
        Assert.Equal(0, system.Mount($"lowerdir={system.Upper}:{system.First}:{system.Second}"));
        Assert.Equal("one two upper", system.Names("/o/d"));
        Assert.Equal(-(long)Errno.EROFS, system.Client.Unlink("/o/first"));
        Assert.Equal(-(long)Errno.EROFS, system.Client.Open("/o/first", OpenFlags.WriteOnly));
        Assert.Equal(-(long)Errno.EROFS, system.Client.ChangeMode("/o/first", 0x180));
    }

    [Theory]
    [InlineData(LayerPlace.Memory)]
    [InlineData(LayerPlace.Disk)]
    [InlineData(LayerPlace.DiskAbove)]
    [InlineData(LayerPlace.DiskBelow)]
    public void A_directory_that_is_marked_hides_those_below_it(LayerPlace place)
    {
        OverlaySystem system = Make(place);
        Assert.Equal(0, system.Unmount());
        Assert.Equal(0, system.Client.SetAttribute(system.First + "/d", Opaque, "y"u8.ToArray()));
        Assert.Equal(0, system.Mount());
        Assert.Equal("one upper", system.Names("/o/d"));
        Assert.Equal(-(long)Errno.ENOENT, system.Client.Stat("/o/d/two", out _));
        Assert.Empty(system.Client.ListAttributes("/o/d"));
        Assert.Equal(-(long)Errno.EOPNOTSUPP, system.Client.GetAttribute("/o/d", Opaque, out _));
        Assert.Equal(-(long)Errno.EOPNOTSUPP, system.Client.SetAttribute("/o/d", Opaque, "n"u8.ToArray()));
    }

    [Theory]
    [InlineData(LayerPlace.Memory)]
    [InlineData(LayerPlace.Disk)]
    [InlineData(LayerPlace.DiskAbove)]
    [InlineData(LayerPlace.DiskBelow)]
    public void Extended_attributes_are_those_of_the_topmost_file_and_are_copied_with_it(LayerPlace place)
    {
        OverlaySystem system = Make(place);
        TestClient client = system.Client;
        Assert.Equal(0, system.Unmount());
        byte[] content = [.. Enumerable.Range(0, 300).Select(static number => (byte)number)];
        Assert.Equal(0, client.SetAttribute(system.First + "/first", "trusted.long", content));
        Assert.Equal(0, client.SetAttribute(system.First + "/first", "security.capability", [0, 0, 0, 2, .. new byte[16]]));
        Assert.Equal(0, system.Mount());
        Assert.Equal(["security.capability", "trusted.long"], client.ListAttributes("/o/first"));
        Assert.Equal(0, client.SetAttribute("/o/first", "trusted.more", "more"u8.ToArray()));
        Assert.Equal(["security.capability", "trusted.long", "trusted.more"], client.ListAttributes("/o/first"));
        Assert.Equal(["security.capability", "trusted.long", "trusted.more"], client.ListAttributes(system.Upper + "/first"));
        Assert.Equal(["security.capability", "trusted.long"], client.ListAttributes(system.First + "/first"));
        Assert.Equal(content.Length, client.GetAttribute("/o/first", "trusted.long", out byte[] value));
        Assert.Equal(content, value);
        Assert.Equal(0, client.RemoveAttribute("/o/first", "trusted.long"));
        Assert.Equal(["security.capability", "trusted.more"], client.ListAttributes("/o/first"));
    }

    [Fact]
    public void An_overlay_is_a_layer_of_another_but_not_of_a_third()
    {
        OverlaySystem system = Make(LayerPlace.Memory);
        TestClient client = system.Client;
        foreach (string directory in (string[])["/p", "/q", "/upper2", "/work2", "/upper3", "/work3"])
            Assert.Equal(0, client.MakeDirectory(directory));
        Assert.Equal(0, system.Mount("lowerdir=/o,upperdir=/upper2,workdir=/work2", place: "/p"));
        Assert.Equal("one two upper", system.Names("/p/d"));
        Assert.Equal(0, client.Unlink("/p/d/two"));
        long handle = client.Open("/p/first", OpenFlags.WriteOnly);
        Assert.Equal(2, client.Write(handle, "OF"u8, 0));
        Assert.Equal(0, client.Close(handle));
        Assert.Equal(("OF first", "of first"), (client.ReadText("/p/first"), client.ReadText("/o/first")));
        Assert.Equal("one upper", system.Names("/p/d"));
        Assert.Equal(-(long)Errno.EINVAL, system.Mount("lowerdir=/p,upperdir=/upper3,workdir=/work3", place: "/q"));
        Assert.Equal(0, system.Unmount("/p"));
        Assert.Equal("one two upper", system.Names("/o/d"));
        Assert.Equal(0, system.Unmount());
    }

    [Theory]
    [InlineData("", Errno.EINVAL)]
    [InlineData("lowerdir=/first", Errno.EINVAL)]
    [InlineData("lowerdir=/first,upperdir=/upper", Errno.EINVAL)]
    [InlineData("lowerdir=/none,upperdir=/upper,workdir=/work", Errno.ENOENT)]
    [InlineData("lowerdir=/first,upperdir=/upper,workdir=/upper/in", Errno.ENOENT)]
    [InlineData("lowerdir=/first,upperdir=/upper,workdir=/upper/d", Errno.EINVAL)]
    [InlineData("lowerdir=/first,upperdir=/upper,workdir=/m", Errno.EINVAL)]
    [InlineData("lowerdir=/first:/upper,upperdir=/upper,workdir=/work", Errno.ELOOP)]
    [InlineData("lowerdir=/first/first,upperdir=/upper,workdir=/work", Errno.ENOTDIR)]
    [InlineData("lowerdir=/first,upperdir=/upper,workdir=/work,index=on", Errno.EINVAL)]
    [InlineData("lowerdir=/first,upperdir=/upper,workdir=/work,something", Errno.EINVAL)]
    public void What_cannot_be_laid_over_each_other_is_refused(string options, Errno error)
    {
        OverlaySystem system = Make(LayerPlace.Memory);
        Assert.Equal(0, system.Unmount());
        Assert.Equal(-(long)error, system.Mount(options));
        Assert.Equal(0, system.Mount());
        Assert.Equal("one two upper", system.Names("/o/d"));
    }

    [Fact]
    public void Layers_stay_while_the_overlay_does_and_go_with_it()
    {
        OverlaySystem system = Make(LayerPlace.Disk);
        long handle = system.Client.Open("/o/first");
        Assert.Equal(-(long)Errno.EBUSY, system.Unmount());
        Assert.Equal(0, system.Disk.Unmount());
        Assert.Equal(8, system.Client.Read(handle, 100, out _));
        Assert.Equal(0, system.Client.Close(handle));
        Assert.NotNull(system.Disk.Device.Owner);
        Assert.Equal(0, system.Unmount());
        system.Client.Settle();
        Assert.Null(system.Disk.Device.Owner);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Random_operations_give_what_a_tmpfs_gives(LayerPlace place)
    {
        for (int seed = 0; seed < 8; seed++)
        {
            var system = new OverlaySystem(place, seed, isAtOnce: seed == 3);
            var run = new OverlayTwins(system, seed);
            run.Prepare();
            Assert.Equal(0, system.Mount());
            run.CopyToTwin();
            string first = system.Describe(system.First), second = system.Describe(system.Second);
            for (int step = 0; step < 350; step++)
                run.Step();
            run.CloseAll();
            string expected = system.Describe("/t");
            Assert.Equal(expected, system.Describe("/o"));
            Assert.Equal((first, second), (system.Describe(system.First), system.Describe(system.Second)));
            Assert.Equal(0, system.Unmount());
            Assert.Equal("", system.Names(system.Work + "/work"));
            Assert.Equal(0, system.Mount());
            Assert.Equal(expected, system.Describe("/o"));
            Assert.Equal(0, system.Unmount());
            Assert.Equal(0, system.Disk.Unmount());
            Assert.Empty(system.Log);
        }
    }

    private static OverlaySystem Make(LayerPlace place)
    {
        var system = new OverlaySystem(place);
        TestClient client = system.Client;
        foreach (string directory in (string[])[system.Upper, system.First, system.Second])
            Assert.Equal(0, client.MakeDirectory(directory + "/d"));
        client.WriteText(system.Second + "/d/one", "of second");
        client.WriteText(system.First + "/d/one", "of first");
        client.WriteText(system.Second + "/d/two", "of second");
        client.WriteText(system.Upper + "/d/upper", "of upper");
        client.WriteText(system.First + "/first", "of first");
        client.WriteText(system.Second + "/first", "of second");
        client.WriteText(system.Second + "/second", "of second");
        client.WriteText(system.Second + "/gone-below", "of second");
        client.WriteText(system.Second + "/hidden", "of second");
        Assert.Equal(0, client.MakeNode(system.First + "/hidden", InodeMode.Character));
        client.WriteText(system.Upper + "/only-upper", "of upper");
        Assert.Equal(0, system.Mount());
        return system;
    }
}

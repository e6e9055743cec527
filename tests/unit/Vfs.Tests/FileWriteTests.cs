using CsCheck;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Vfs.Tests;

/// <summary>Writing in memory, lent to one handle at a time: docs/files-in-memory.md.</summary>
public sealed class FileWriteTests
{
    private const int Enough = 30, Length = 10_000, Worth = 4;

    private readonly TestSystem system = new();

    /// <summary>A program that writes a file: by requests until it may do so in memory, by the steps of the personality.</summary>
    private sealed class Writer(TestClient client, long handle, MappedMemory area, ulong number)
    {
        private uint mapped;
        private TestMappedPages? window;

        public long Handle => handle;

        public uint Lease => area.ReadUInt32(At(FileSlots.Lease));

        public long LeaseSize => (long)area.ReadUInt64(At(FileSlots.LeaseSize));

        public ulong Written
        {
            set => area.WriteUInt64(At(FileSlots.Written), value);
        }

        public uint Flags => (area.ReadUInt32(At(FileSlots.Sequence)) & 1) != 0 ? area.ReadUInt32(At(FileSlots.Flags)) : 0;

        public ulong Place => Window.FileWrites + number * FileSlots.Stretch;

        /// <summary>Asks until writing is lent.</summary>
        public bool TryBorrow(int most = 600)
        {
            for (int count = 0; count < most && Lease == 0; count++)
                Assert.Equal(1, client.Write(handle, new byte[1], 0));
            return Lease != 0;
        }

        /// <summary>False: not in memory.</summary>
        public bool TryStore(long at, byte value, long now)
        {
            if (Lease == 0 || at >= LeaseSize)
                return false;
            if (mapped != Lease)
            {
                if (Map() != 0)
                    return false;
                mapped = Lease;
                window = (TestMappedPages)client.Channel.Maps[^1].Pages;
            }

            Written = (ulong)now;
            return window!.StoreWithin(at / 4096, (int)(at % 4096), value);
        }

        /// <summary>A store of whoever has kept the mapping, whatever it is told.</summary>
        public bool StoreAnyway(long at, byte value) => window?.StoreWithin(at / 4096, (int)(at % 4096), value) == true;

        public long Map(ulong offset = 0, ulong? place = null) =>
            client.Call(VfsOperation.MapWritten, a0: (ulong)handle, a1: offset, a2: place ?? Place);

        private ulong At(uint offset) => number * FileSlots.Length + offset;
    }

    [Fact]
    public void Writing_is_lent_to_who_writes_alone_within_the_end()
    {
        TestClient client = system.NewClient(1);
        Writer writer = Make(client, "/f", OpenFlags.ReadWrite);
        for (int count = 1; count < Worth; count++)
        {
            client.Write(writer.Handle, new byte[10], Length - 10);
            Assert.Equal(0u, writer.Lease);
        }

        // Who makes it longer begins anew.
        client.Write(writer.Handle, new byte[10], Length - 9);
        for (int count = 0; count < Worth; count++)
        {
            Assert.Equal(0u, writer.Lease);
            client.Write(writer.Handle, new byte[10], 5);
        }

        Assert.NotEqual(0u, writer.Lease);
        Assert.Equal(Length + 1, writer.LeaseSize);
        Assert.True(writer.TryStore(Length, 7, 0));
        Assert.Equal(1, client.Read(writer.Handle, 10, out byte[] data, Length));
        Assert.Equal(7, data[0]);
        (ulong address, long length, MapFlags flags, _, _, _) = client.Channel.Maps[^1];
        Assert.Equal((writer.Place, (long)FileSlots.Stretch), (address, length));
        Assert.Equal(MapFlags.Read | MapFlags.Write | MapFlags.Shared | MapFlags.Replace | MapFlags.ForkOmit | MapFlags.NeverExecute, flags);
    }

    [Fact]
    public void Nobody_else_is_lent_it()
    {
        TestClient client = system.NewClient(1);
        Assert.False(Make(client, "/append", OpenFlags.ReadWrite | OpenFlags.Append, before: 0).TryBorrow());
        Writer holes = Make(client, "/holes", OpenFlags.ReadWrite);
        client.Truncate(holes.Handle, 10 * Length);
        Assert.False(holes.TryBorrow());
        Writer setId = Make(client, "/set-id", OpenFlags.ReadWrite);
        client.ChangeMode("/set-id", 0x9ED);
        Assert.False(setId.TryBorrow());
        Writer limited = Make(client, "/limited", OpenFlags.ReadWrite);
        system.Registry.SetFileSizeLimit(1, 1 << 20);
        Assert.False(limited.TryBorrow());
        system.Registry.SetFileSizeLimit(1, ulong.MaxValue);
        Assert.True(limited.TryBorrow());
        Writer shared = Make(client, "/shared", OpenFlags.ReadWrite);
        TestClient child = system.NewClient(2, parent: 1);
        Assert.False(shared.TryBorrow());
        system.Registry.Detach(child.Connection.Id);
        Assert.True(shared.TryBorrow());
    }

    [Fact]
    public void Who_may_only_write_is_lent_it_if_he_could_read_by_name()
    {
        TestClient root = system.NewClient(1);
        Writer writer = Make(root, "/write-only", OpenFlags.WriteOnly);
        Assert.True(writer.TryBorrow());
        Assert.True(writer.TryStore(9, 7, 0));
        Assert.Equal(-(long)Errno.EBADF, root.Read(writer.Handle, 10, out _));
        root.MakeDirectory("/open");
        root.MakeDirectory("/closed");
        root.MakeDirectory("/jail");
        TestClient user = system.NewClient(2);
        foreach ((string path, uint mode, bool isLent) in new[]
            { ("/open/readable", 0x1B6u, true), ("/open/secret", 0x92u, false), ("/closed/readable", 0x1B6u, false), ("/open/gone", 0x1B6u, false),
              ("/open/own", 0x180u, true), ("/open/own-secret", 0x80u, false) })
        {
            root.ChangeMode("/open", 0x1FF);
            root.ChangeMode("/closed", 0x1FF);
            system.Registry.SetCredentials(2, new Servers.Vfs.Objects.Credentials(1000, 1000, 1000, 1000, []));
            Writer other = Make(user, path, OpenFlags.WriteOnly);
            Assert.Equal(0, user.ChangeMode(path, mode));
            if (!path.Contains("own"))
                Assert.Equal(0, root.Call(VfsOperation.ChangeOwner, TestClient.Bytes(path), a0: VfsLimits.WorkingDirectory));
            root.ChangeMode("/closed", 0x1C0);
            if (path.Contains("gone"))
                Assert.Equal(0, user.Unlink(path));
            Assert.True(isLent == other.TryBorrow(40), path);
            user.Close(other.Handle);
        }

        // From a root of its own it comes nowhere else.
        Writer outside = Make(root, "/outside", OpenFlags.WriteOnly);
        Assert.Equal(0, root.Call(VfsOperation.ChangeRoot, TestClient.Bytes("/jail"), a0: VfsLimits.WorkingDirectory));
        Assert.False(outside.TryBorrow(40));
    }

    [Fact]
    public void Whatever_others_do_ends_a_loan_and_with_it_the_mapping()
    {
        TestClient client = system.NewClient(1), other = system.NewClient(2);
        Writer writer = Make(client, "/f", OpenFlags.ReadWrite);
        long second = other.Open("/f", OpenFlags.ReadWrite);
        ulong own = (ulong)writer.Handle;
        Action[] changes =
        [
            () => other.Write(second, new byte[1], 9),
            () => client.Write(writer.Handle, new byte[1], 9),
            () => other.Truncate(second, Length - 1),
            () => other.Truncate(second, Length),
            () => other.Call(VfsOperation.Allocate, a0: (ulong)second, a1: 0, a2: 0, a3: Length + 1),
            () => other.ChangeMode("/f", 0x1A4),
            () => other.Call(VfsOperation.ChangeOwner, TestClient.Bytes("/f"), a0: VfsLimits.WorkingDirectory, a1: 5ul | 6ul << 32),
            () => client.Call(VfsOperation.SetFlags, a0: own, a1: OpenFlags.NonBlock),
            () => system.Registry.SetFileSizeLimit(1, ulong.MaxValue),
            () => system.Registry.Detach(system.NewClient(3, parent: 1).Connection.Id),
            () => other.Call(VfsOperation.Allocate, a0: (ulong)second, a1: 3, a2: 0, a3: 4096),
        ];
        for (int change = 0; change < changes.Length; change++)
        {
            Assert.True(writer.TryBorrow(), $"no loan before change {change}");
            Assert.True(writer.TryStore(8, 1, 0), $"no window before change {change}");
            changes[change]();
            Assert.Equal(0u, writer.Lease);
            Assert.False(writer.StoreAnyway(8, 2), $"change {change} left the window");
        }

        Assert.Equal(0, Windows());
        Writer next = Make(client, "/next", OpenFlags.ReadWrite);
        Assert.True(next.TryBorrow() && next.TryStore(8, 1, 0));
        client.Close(next.Handle);
        Assert.False(next.StoreAnyway(8, 2));
        Writer last = Make(client, "/last", OpenFlags.ReadWrite);
        Assert.True(last.TryBorrow() && last.TryStore(8, 1, 0));
        system.Registry.Detach(client.Connection.Id);
        Assert.False(last.StoreAnyway(8, 2));
        Assert.Equal(0, Windows());
    }

    [Fact]
    public void Who_is_interrupted_by_others_has_to_ask_more_often_each_time()
    {
        TestClient client = system.NewClient(1), other = system.NewClient(2);
        Writer writer = Make(client, "/f", OpenFlags.ReadWrite);
        long second = other.Open("/f", OpenFlags.ReadWrite);
        foreach (int wanted in (int[])[4, 8, 16, 32, 64, 128, 256, 256])
        {
            int asked = 0;
            while (writer.Lease == 0 && asked <= wanted)
            {
                client.Write(writer.Handle, new byte[1], 0);
                asked++;
            }

            Assert.Equal(wanted, asked);
            other.Write(second, new byte[1], 0);
        }
    }

    [Fact]
    public void Times_are_what_the_writer_tells_within_bounds_and_nobody_sees_old_ones()
    {
        TestClient client = system.NewClient(1), other = system.NewClient(2);
        Writer writer = Make(client, "/f", OpenFlags.ReadWrite);
        other.Stat("/f", out _);
        Assert.True(writer.TryBorrow());
        long before = ModifyTime(other);
        long told = system.Clock.Wall;
        Assert.True(writer.TryStore(5, 1, told));
        Assert.Equal(told, ModifyTime(other));
        client.StatHandle(writer.Handle, out _);
        Assert.Equal(0u, writer.Flags & FileSlots.HasRecord);
        writer.Written = ulong.MaxValue;
        Assert.Equal(told, ModifyTime(other));
        writer.Written = long.MaxValue;
        Assert.InRange(ModifyTime(other), told, system.Clock.Wall);
        writer.Written = (ulong)before;
        Assert.InRange(ModifyTime(other), told, system.Clock.Wall);
        told = system.Clock.Wall;
        Assert.True(writer.TryStore(5, 1, told));
        other.ChangeMode("/f", 0x1A4);
        Assert.Equal(told, ModifyTime(other));
        // What was told after the end counts for nothing.
        writer.Written = (ulong)system.Clock.Wall;
        Assert.Equal(told, ModifyTime(other));
    }

    [Fact]
    public void Reads_in_memory_go_on_beside_it()
    {
        TestClient client = system.NewClient(1);
        Writer writer = Make(client, "/f", OpenFlags.ReadWrite);
        Assert.True(writer.TryBorrow());
        client.Read(writer.Handle, 10, out _, 0);
        Assert.Equal(FileSlots.Readable | FileSlots.Touches, writer.Flags);
        Assert.True(writer.TryStore(5, 1, system.Clock.Wall));
        Assert.Equal(FileSlots.Readable | FileSlots.Touches, writer.Flags);
        Assert.NotEqual(0u, writer.Lease);
    }

    [Fact]
    public void Nobody_maps_more_than_he_was_lent()
    {
        TestClient client = system.NewClient(1), other = system.NewClient(2);
        Writer writer = Make(client, "/f", OpenFlags.ReadWrite);
        Writer reader = Make(other, "/g", OpenFlags.ReadWrite);
        Assert.Equal(-(long)Errno.EACCES, writer.Map());
        Assert.True(writer.TryBorrow());
        Assert.Equal(-(long)Errno.EACCES, reader.Map());
        Assert.Equal(-(long)Errno.EINVAL, writer.Map(place: writer.Place + FileSlots.Stretch));
        Assert.Equal(-(long)Errno.EINVAL, writer.Map(place: Window.FileContents));
        Assert.Equal(-(long)Errno.EINVAL, writer.Map(4096));
        Assert.Equal(-(long)Errno.EINVAL, writer.Map(FileSlots.Stretch));
        Assert.Equal(-(long)Errno.EINVAL, writer.Map(1ul << 63));
        Assert.Equal(-(long)Errno.EBADF, client.Call(VfsOperation.MapWritten, a0: 99, a1: 0, a2: writer.Place));
        long again = client.Open("/f", OpenFlags.ReadWrite);
        Assert.Equal(-(long)Errno.EACCES, client.Call(VfsOperation.MapWritten, a0: (ulong)again, a1: 0, a2: writer.Place));
        Assert.Empty(client.Channel.Maps);
        Assert.Equal(0, writer.Map());
        Assert.Equal(1, Windows());
        // Another one takes the place of the first.
        Assert.Equal(0, writer.Map());
        Assert.Equal(1, Windows());
    }

    [Fact]
    public void Without_an_object_requests_do()
    {
        TestClient client = system.NewClient(1);
        Writer writer = Make(client, "/f", OpenFlags.ReadWrite);
        Assert.True(writer.TryBorrow());
        system.Mappings.Limit = 0;
        Assert.Equal(-(long)Errno.ENOMEM, writer.Map());
        Assert.Equal(0u, writer.Lease);
        Assert.Equal(5, client.Write(writer.Handle, new byte[5], 0));
    }

    [Fact]
    public void Writes_in_memory_and_by_requests_give_what_an_array_gives()
    {
        int stored = 0;
        Gen.Int[0, 11].Select(Gen.Int[0, 3 * 4096], Gen.Byte).Array[1, 120].Sample(steps =>
        {
            var world = new TestSystem();
            TestClient client = world.NewClient(1), other = world.NewClient(2);
            Writer writer = Make(client, "/f", OpenFlags.ReadWrite);
            long second = other.Open("/f", OpenFlags.ReadWrite);
            byte[] model = new byte[Length];
            foreach ((int step, int at, byte value) in steps)
            {
                switch (step)
                {
                    case 0:
                        other.Write(second, [value], at);
                        Extend(ref model, at + 1);
                        model[at] = value;
                        break;
                    case 1:
                        other.Truncate(second, at);
                        Array.Resize(ref model, at);
                        break;
                    case 2 when model.Length > 0 && writer.Lease == 0:
                        writer.TryBorrow(8);
                        model[0] = 0;
                        break;
                    case 3:
                        // Behind the end, by whoever means harm: nobody sees it when the file grows.
                        writer.StoreAnyway(model.Length, value);
                        break;
                    default:
                        if (at < model.Length)
                        {
                            if (writer.TryStore(at, value, 0))
                                Interlocked.Increment(ref stored);
                            else
                                client.Write(writer.Handle, [value], at);
                            model[at] = value;
                        }

                        break;
                }
            }

            Assert.Equal(model.Length, other.Read(second, 5 * 4096, out byte[] found, 0));
            Assert.Equal(model, found[..model.Length]);
            other.Truncate(second, model.Length + 4096);
            Array.Resize(ref model, model.Length + 4096);
            Assert.Equal(model.Length, other.Read(second, 6 * 4096, out found, 0));
            Assert.Equal(model, found[..model.Length]);
        }, iter: 150);
        Assert.True(stored > 100, "hardly anything was written in memory");
    }

    private static void Extend(ref byte[] model, int length)
    {
        if (model.Length < length)
            Array.Resize(ref model, length);
    }

    private int Windows() => system.Mappings.Made.Count(pages => pages is { IsWindow: true, IsClosed: false });

    private static long ModifyTime(TestClient client)
    {
        Assert.Equal(0, client.Call(VfsOperation.Stat, TestClient.Bytes("/f"), StatLayout.Length, VfsLimits.WorkingDirectory, 0, 2));
        ReadOnlySpan<byte> time = client.Channel.Pool[StatLayout.ModifyTime..];
        return BitConverter.ToInt64(time) * 1_000_000_000 + BitConverter.ToInt64(time[8..]);
    }

    // A file of some pages, and a handle of it that has a slot. Its writes are counted from here on.
    private static Writer Make(TestClient client, string path, uint flags, int before = Length)
    {
        client.Close(client.Open(path, OpenFlags.WriteOnly | OpenFlags.Create));
        long handle = client.Open(path, flags);
        if (before > 0)
            Assert.Equal(before, client.Write(handle, new byte[before], 0));
        ulong told = 0;
        for (int round = 0; round < Enough && told is 0 or FileSlots.AreaWanted; round++)
        {
            client.Seek(handle, 0, 1);
            told = client.Last.V2;
            if (told == FileSlots.AreaWanted)
                Assert.Equal(0, client.Call(VfsOperation.MapFileArea, a0: Window.FileArea));
        }

        Assert.InRange(told, 1ul, FileSlots.Count);
        return new Writer(client, handle, client.Channel.Sources[Window.FileArea].Memory, told - 1);
    }
}

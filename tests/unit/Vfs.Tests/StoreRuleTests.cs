using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.DiskVfs.Disk;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Tests;

/// <summary>What files over a store promise, one by one: write-back and its errors, who waits, reclaim, mappings.</summary>
public sealed class StoreRuleTests
{
    private const int Page = CachedFile.PageSize, Slots = 64;
    private const ulong WholeFile = 0, At = 0x5000_0000;

    private readonly TestSystem system = new(RootKind.Disk, seed: 5, diskSlots: Slots);
    private readonly TestClient client;
    private readonly long handle;

    public StoreRuleTests()
    {
        client = system.NewClient(1);
        (Drive.FailChance, Drive.WaitChance) = (0, 0);
        handle = client.Open("/file", OpenFlags.Create | OpenFlags.ReadWrite);
    }

    private SlowDisk Drive => system.Drive!;

    private PageCache Cache => system.DiskCache!;

    private DiskRecord Record => system.Image.Records.Values.Single(static record => InodeMode.Type(record.Mode) == InodeMode.Regular);

    private TestMappedPages Mapped => system.DiskMappings!.Made[^1];

    /// <summary>A disk whose driver is gone for a while has all the writes that there may be.</summary>
    [Fact]
    public void A_sync_for_which_there_is_no_room_goes_on_when_the_writes_of_others_have_ended()
    {
        const int leaves = 40, mostWrites = 32;
        var larger = new TestSystem(RootKind.Disk, seed: 5, diskSlots: 512);
        TestClient one = larger.NewClient(1), other = larger.NewClient(2, parent: 1);
        SlowDisk drive = larger.Drive!;
        (drive.FailChance, drive.WaitChance) = (0, 0);
        long first = one.Open("/first", OpenFlags.Create | OpenFlags.ReadWrite), second = other.Open("/second", OpenFlags.Create | OpenFlags.ReadWrite);
        for (int page = 0; page < leaves; page++)
            Assert.Equal(Page, one.Write(first, Filled(page), page * Page * 70));
        Assert.Equal(Page, other.Write(second, Filled(1), 0));
        drive.Asynchronous = true;
        one.Submit(VfsOperation.Sync, (ulong)first);
        Assert.Equal(mostWrites, drive.Pending);
        ulong tag = other.Submit(VfsOperation.Sync, (ulong)second);
        for (int steps = 0; !other.HasAnswer(tag); steps++)
        {
            Assert.InRange(steps, 0, 4 * leaves);
            drive.Step();
            one.RunReady();
        }

        Assert.Equal(0, other.TakeAnswer(tag));
    }

    [Fact]
    public void A_file_four_times_as_large_as_the_cache_is_written_read_and_mapped()
    {
        const int pages = 4 * Slots;
        for (int page = 0; page < pages; page++)
            Assert.Equal(Page, client.Write(handle, Filled(page), page * Page));
        for (int page = 0; page < pages; page++)
        {
            client.Read(handle, Page, out byte[] bytes, page * Page);
            Assert.Equal(Filled(page), bytes);
        }

        Map(pages);
        for (int page = 0; page < pages; page++)
        {
            Assert.Equal(Filled(page), Mapped.Touch(Cache, page, write: false, GoOn));
            Assert.True(Mapped.Store(Cache, page, 7, 99, GoOn));
        }

        for (int page = 0; page < pages; page++)
        {
            client.Read(handle, Page, out byte[] bytes, page * Page);
            byte[] expected = Filled(page);
            expected[7] = 99;
            Assert.Equal(expected, bytes);
        }

        Assert.Equal(0, Sync(handle));
        Assert.All(Record.Pages, static pair => Assert.Equal(99, pair.Value[7]));
        Assert.Equal(pages, Record.Pages.Count);
        Assert.True(Cache.Reclaimed > 3 * Slots);
        Assert.InRange(system.DiskArena.Committed, 1, Slots);
    }

    [Fact]
    public void What_could_not_be_written_is_told_once_to_each_description()
    {
        long other = client.Open("/file");
        Drive.WriteFailChance = 1;
        client.Write(handle, Filled(1), 0);
        Assert.Equal(-(long)Errno.EIO, Sync(handle));
        Drive.WriteFailChance = 0;
        Assert.Equal(0, Sync(handle));
        Assert.Equal(-(long)Errno.EIO, Sync(other));
        Assert.Equal(0, Sync(other));
        Assert.Equal(0, Sync(client.Open("/file")));

        // Nobody has been told when the next is opened.
        Drive.WriteFailChance = 1;
        client.Write(handle, Filled(2), 0);
        Assert.Equal(0, client.Call(VfsOperation.Sync, a0: ulong.MaxValue));
        Drive.WriteFailChance = 0;
        long late = client.Open("/file");
        Assert.Equal(-(long)Errno.EIO, Sync(late));
        Assert.Equal(-(long)Errno.EIO, Sync(handle));
        Assert.Equal(0, Sync(late));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_sync_does_not_wait_for_who_goes_on_writing(bool whole)
    {
        TestClient writer = system.NewClient(2, parent: 1);
        Drive.Asynchronous = true;
        for (int page = 0; page < 4; page++)
            client.Write(handle, Filled(page), page * Page * 70);
        ulong tag = client.Submit(VfsOperation.Sync, whole ? ulong.MaxValue : (ulong)handle);
        Assert.False(client.HasAnswer(tag));
        int steps = 0;
        for (; !client.HasAnswer(tag); steps++)
        {
            Assert.InRange(steps, 0, 30);
            ulong write = writer.Submit(VfsOperation.Write, (ulong)handle, (ulong)(steps % 8 * Page * 70), payload: Filled(steps));
            Drive.Step();
            client.RunReady();
            if (writer.HasAnswer(write))
                Assert.Equal(Page, writer.TakeAnswer(write));
        }

        Assert.Equal(0, client.TakeAnswer(tag));
        Assert.True(steps >= 4 && Cache.WriteBack.Pages > 0);
        for (int page = 0; page < 4; page++)
            Assert.True(Record.Pages[page * 70].AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Who_makes_too_many_dirty_pages_waits_until_some_are_written()
    {
        TestClient writer = system.NewClient(2, parent: 1);
        var tags = new List<ulong>();
        for (int page = 0; page < 30; page++)
            tags.Add(writer.Submit(VfsOperation.Write, (ulong)handle, (ulong)(page * Page), payload: Filled(page)));
        Assert.Contains(tags, tag => !writer.HasAnswer(tag));
        Assert.InRange(Cache.WriteBack.Pages, 4, Slots / 5);
        writer.Settle();
        Assert.All(tags, tag => Assert.Equal(Page, writer.TakeAnswer(tag)));
        Assert.InRange(Cache.WriteBack.Pages, 0, Slots / 5);
    }

    [Fact]
    public void Old_pages_are_written_by_themselves_and_young_ones_are_not()
    {
        var clock = new long[1];
        long armed = -1;
        var cache = new PageCache(new HeapArena(Slots), new TestMappings(new HeapArena(1)), new Budget(1 << 20), () => clock[0]);
        cache.WriteBack.Arm = deadline => armed = deadline;
        var store = new MemoryStore();
        var file = new CachedFile(cache, store, 0);
        Assert.Equal(-1, armed);
        Assert.Equal(Page, file.Write(new ImmediateContext(), Filled(1), 0));
        Assert.Equal(WriteBack.Period, armed);
        for (clock[0] = armed; clock[0] < WriteBack.Age; clock[0] = armed)
        {
            cache.WriteBack.Look();
            Assert.Empty(store.Pages);
        }

        cache.WriteBack.Look();
        Assert.Equal(Filled(1), store.Pages[0]);
        Assert.False(file.IsDirty);
        armed = -1;
        cache.WriteBack.Look();
        Assert.Equal(-1, armed);
    }

    [Fact]
    public void A_page_that_cannot_be_read_fails_who_waits_for_it_and_is_read_again_for_the_next()
    {
        client.Write(handle, Filled(3), 0);
        Assert.Equal(0, Sync(handle));
        Map(1);
        Evict();
        Drive.Asynchronous = true;
        Drive.FailingReads = 1;
        Assert.Null(Mapped.Touch(Cache, 0, write: true, GoOn));
        Assert.Equal(Filled(3), Mapped.Touch(Cache, 0, write: false, GoOn));
        Evict();
        Drive.FailingReads = 1;
        Assert.Equal(-(long)Errno.EIO, client.Read(handle, Page, out _, 0));
        Assert.Equal(Page, client.Read(handle, Page, out byte[] bytes, 0));
        Assert.Equal(Filled(3), bytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_page_that_cannot_be_read_is_missing_alone(bool isAsynchronous)
    {
        const int pages = 20, bad = 5;
        for (int page = 0; page < pages; page++)
            client.Write(handle, Filled(page), page * Page);
        Assert.Equal(0, Sync(handle));
        Map(pages);
        Evict();
        Drive.Asynchronous = isAsynchronous;
        Drive.Unreadable.Add((Record.Number, bad));
        // What is before it is read, as on Linux; what is behind it too, though it was read ahead in one with it.
        Assert.Equal(bad * Page, client.Read(handle, 8 * Page, out byte[] bytes, 0));
        Assert.Equal(Filled(bad - 1), bytes[^Page..]);
        Assert.Equal(-(long)Errno.EIO, client.Read(handle, 8 * Page, out _, bad * Page));
        Assert.Equal(2 * Page, client.Read(handle, 2 * Page, out bytes, (bad + 1) * Page));
        Assert.Equal(Filled(bad + 2), bytes[^Page..]);
        Evict();
        Assert.Equal(Filled(bad - 1), Mapped.Touch(Cache, bad - 1, write: false, GoOn));
        Assert.Null(Mapped.Touch(Cache, bad, write: false, GoOn));
        Assert.Equal(Filled(bad + 1), Mapped.Touch(Cache, bad + 1, write: false, GoOn));
        Drive.Unreadable.Clear();
        Assert.Equal(8 * Page, client.Read(handle, 8 * Page, out bytes, Page));
        Assert.Equal(Filled(bad), bytes[((bad - 1) * Page)..(bad * Page)]);
    }

    [Fact]
    public void A_mapped_file_outlives_its_name_and_its_pages_come_from_the_store()
    {
        client.Write(handle, Filled(4), 0);
        Assert.Equal(0, Sync(handle));
        Map(1);
        Assert.Equal(0, client.Unlink("/file"));
        Assert.Equal(0, client.Close(handle));
        Evict();
        Assert.Equal(Filled(4), Mapped.Touch(Cache, 0, write: false, GoOn));
        Cache.WriteBack.Look();
        Assert.Contains(system.Image.Records.Values, static record => record.Links == 0);
        Mapped.Mappings = 0;
        Cache.WriteBack.Look();
        client.Settle();
        Assert.DoesNotContain(system.Image.Records.Values, static record => record.Links == 0);
        Assert.Equal(0, Cache.Slots.Used);
    }

    [Fact]
    public void The_times_change_when_it_is_found_that_a_mapping_has_written()
    {
        client.Write(handle, Filled(5), 0);
        Map(1);
        long before = Record.ModifyTime;
        Assert.True(Mapped.Store(Cache, 0, 1, 1, GoOn));
        Assert.Equal(0, Sync(handle));
        long after = Record.ModifyTime;
        Assert.True(after > before && Record.ChangeTime == after);
        Assert.Equal(0, Sync(handle));
        Assert.Equal(after, Record.ModifyTime);
    }

    [Fact]
    public void What_a_mapping_writes_behind_the_end_reaches_neither_the_disk_nor_who_extends_the_file()
    {
        client.Write(handle, "short"u8, 0);
        Map(1);
        Assert.True(Mapped.Store(Cache, 0, 100, 1, GoOn));
        Assert.Equal(0, Sync(handle));
        Assert.Equal(0, Record.Pages[0][100]);
        Assert.True(Mapped.Store(Cache, 0, 200, 1, GoOn));
        client.Truncate(handle, 300);
        client.Read(handle, 300, out byte[] bytes, 0);
        Assert.False(bytes.AsSpan(5).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void What_is_being_read_keeps_its_slots_when_the_file_is_cut()
    {
        for (int page = 0; page < 8; page++)
            client.Write(handle, Filled(page), page * Page);
        Assert.Equal(0, Sync(handle));
        long other = client.Open("/other", OpenFlags.Create | OpenFlags.ReadWrite);
        Evict();
        Drive.Asynchronous = true;
        ulong read = client.Submit(VfsOperation.Read, (ulong)handle, 0, length: 4 * Page);
        client.Submit(VfsOperation.Cancel, read);
        Assert.Equal(-(long)Errno.EINTR, client.TakeAnswer(read));
        Assert.True(Drive.Pending > 0);
        Assert.Equal(0, client.TakeAnswer(client.Submit(VfsOperation.Truncate, (ulong)handle, 0, AtFlags.EmptyPath)));
        Assert.True(Cache.States.Count >= 4);
        for (int page = 0; page < 8; page++)
            Assert.Equal(Page, client.TakeAnswer(client.Submit(VfsOperation.Write, (ulong)other, (ulong)(page * Page), payload: Filled(40 + page))));
        client.Settle();
        for (int page = 0; page < 8; page++)
        {
            client.Read(other, Page, out byte[] bytes, page * Page);
            Assert.Equal(Filled(40 + page), bytes);
        }

        Assert.Equal(0, client.Read(handle, Page, out _, 0));
    }

    [Fact]
    public void What_is_being_written_keeps_its_slots_when_the_file_is_gone()
    {
        client.Write(handle, Filled(1), 0);
        Drive.Asynchronous = true;
        ulong sync = client.Submit(VfsOperation.Sync, (ulong)handle);
        client.Submit(VfsOperation.Cancel, sync);
        client.TakeAnswer(sync);
        Assert.Equal(0, client.TakeAnswer(client.Submit(VfsOperation.Unlink, VfsLimits.WorkingDirectory, payload: "/file"u8)));
        Assert.NotNull(system.Registry.Detach(client.Connection.Id)); // its last handle goes
        Assert.DoesNotContain(system.Image.Records.Values, static record => InodeMode.Type(record.Mode) == InodeMode.Regular);
        Assert.True(Drive.Pending > 0);
        Assert.Equal((1, 1), (Cache.States.Count, Cache.Slots.Used));
        client.Settle();
        Assert.Equal((0, 0), (Cache.States.Count, Cache.Slots.Used));
    }

    [Fact]
    public void What_a_mapping_wrote_is_found_when_its_object_is_let_go()
    {
        client.Write(handle, Filled(8), 0);
        Assert.Equal(0, Sync(handle));
        Map(1);
        Assert.True(Mapped.Store(Cache, 0, 9, 1, GoOn));
        Mapped.Mappings = 0;
        Assert.True(Record.Live!.Content.TryCloseMapping());
        Evict();
        client.Read(handle, Page, out byte[] bytes, 0);
        Assert.Equal(1, bytes[9]);
        Assert.Equal(1, Record.Pages[0][9]);
    }

    [Fact]
    public void Files_in_memory_take_slots_from_files_with_a_store_and_keep_their_own()
    {
        var arena = new HeapArena(Slots);
        var cache = new PageCache(arena, new TestMappings(arena), new Budget(1 << 20));
        var stored = new CachedFile(cache, new MemoryStore(), 1000 * Page);
        var context = new ImmediateContext();
        for (int page = 0; page < 100; page++)
            Assert.Equal(Page, stored.Read(context, new byte[Page], page * Page));
        var file = new CachedFile(cache, new Budget(1000));
        for (int page = 0; page < Slots - 1; page++)
            Assert.Equal(Page, file.Write(Filled(page), page * Page));
        Assert.Equal(-(long)Errno.ENOSPC, file.Write(Filled(0), Slots * Page));
        Assert.Equal(-(long)Errno.ENOMEM, stored.Read(context, new byte[Page], 0));
        for (int page = 0; page < Slots - 1; page++)
        {
            var bytes = new byte[Page];
            file.Read(bytes, page * Page);
            Assert.Equal(Filled(page), bytes);
        }
    }

    [Fact]
    public void Memory_pressure_takes_clean_pages_writes_dirty_ones_and_leaves_some()
    {
        const int slots = 1024, few = 2 * 256;
        var arena = new HeapArena(slots);
        var cache = new PageCache(arena, new TestMappings(arena), new Budget(1 << 20));
        var store = new MemoryStore();
        // No longer than what is read: what is read ahead takes others' slots.
        var file = new CachedFile(cache, store, 1000 * Page);
        var context = new ImmediateContext();
        for (int page = 0; page < 1000; page++)
            Assert.Equal(Page, file.Read(context, new byte[Page], page * Page));
        Assert.Equal(Page, file.Write(context, Filled(3), 0));
        int before = arena.Committed;
        for (int turn = 0; turn < 100 && cache.GiveBack(64); turn++)
        {
        }

        Assert.InRange(before - arena.Committed, 1000 - few - 64, 1000 - few + 64);
        Assert.InRange(cache.States.Count, 1, few);
        Assert.False(cache.GiveBack(64));
        Assert.Equal(Filled(3), store.Pages[0]);
        Assert.Equal(arena.Committed, cache.Slots.Used);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tables_of_mapped_objects_get_frames_that_pages_have(bool isDirty)
    {
        system.DiskMappings!.NeedTables = true;
        const int pages = 10 * Slots;
        client.Truncate(handle, 512L * Page * 8);
        for (int page = 0; page < pages; page++)
            client.Write(handle, Filled(page), page * Page);
        Map(8 * 512);
        // Every frame is a slot's. A mapping may find all of them dirty.
        system.DiskArena.Room = system.DiskArena.Committed;
        for (int page = 0; isDirty && page < pages; page++)
            Assert.True(Mapped.Store(Cache, page, 0, (byte)page, GoOn));
        for (int place = 0; place < 8; place++)
            Assert.NotNull(Mapped.Touch(Cache, 512 * place + 3, write: false, GoOn));
        Assert.Equal((byte)(isDirty ? 5 : Filled(5)[0]), Mapped.Touch(Cache, 5, write: false, GoOn)![0]);
    }

    [Fact]
    public void Who_finds_all_slots_on_their_way_waits_for_the_first_that_arrives()
    {
        for (int page = 0; page < 200; page++)
            client.Write(handle, Filled(page), page * Page);
        Assert.Equal(0, Sync(handle));
        Map(200);
        Evict();
        Drive.Asynchronous = true;
        var tags = new List<ulong>();
        for (int page = 0; page < 192; page += 8)
            tags.Add(client.Submit(VfsOperation.Read, (ulong)handle, (ulong)(page * Page), length: 4 * Page));
        Assert.Equal(Slots - 1, Cache.Slots.Used);
        Assert.Equal(Supplied.Later, Cache.Supply(Mapped.Number, 199, isWrite: false, out MissingPage? missing));
        bool? isThere = null;
        missing!.Answered = answer => isThere = answer;
        client.Settle();
        Assert.All(tags, tag => Assert.Equal(4 * Page, client.TakeAnswer(tag)));
        Assert.True(isThere);
        Assert.Equal(0, Cache.Transfers.MissingPages);
    }

    [Fact]
    public void Pages_that_were_taken_leave_nothing_in_the_index()
    {
        var arena = new HeapArena(Slots);
        var kept = new Budget(1 << 20);
        var file = new CachedFile(new PageCache(arena, new TestMappings(arena), kept), new MemoryStore(), CachedFile.Limit);
        for (long number = 0; number < 4000; number++)
            Assert.Equal(1, file.Read(new ImmediateContext(), new byte[1], number << 32));
        Assert.InRange(file.PageCount, 1, Slots);
        Assert.InRange(kept.Used, 1, Slots * 4096);
        file.Release();
        Assert.Equal(0, kept.Used);
    }

    [Fact]
    public void Who_cannot_wait_is_told_so_and_nothing_is_lost()
    {
        client.Write(handle, Filled(6), 0);
        Assert.Equal(0, Sync(handle));
        Evict();
        Drive.Asynchronous = true;
        CachedFile content = Record.Live!.Content;
        Assert.Equal(-(long)Errno.EAGAIN, content.Read(new ImmediateContext(), new byte[Page], 0));
        client.Settle();
        Assert.Equal(Page, content.Read(new ImmediateContext(), new byte[Page], 0));
    }

    [Fact]
    public void A_file_system_whose_files_are_mapped_is_busy()
    {
        var mounted = new TestSystem(RootKind.Tmpfs, withDrive: true);
        mounted.Drive!.FailChance = 0;
        TestClient user = mounted.NewClient(1);
        user.MakeDirectory("/mnt");
        user.MakeNode("/disk", InodeMode.Block, DeviceNumber.Make(8, 0));
        Assert.Equal(0, user.Call(VfsOperation.Mount, [.. "disk"u8, .. "/mnt"u8, .. "disk"u8], a0: 0, a1: 4, a2: 4, a3: 4));
        user.WriteText("/mnt/file", "x");
        long opened = user.Open("/mnt/file", OpenFlags.ReadWrite);
        const MapFlags flags = MapFlags.Read | MapFlags.Write | MapFlags.Shared;
        Assert.Equal(0, user.Call(VfsOperation.Map, a0: (ulong)opened, a2: Page, a3: (ulong)flags, a4: 0x5000_0000));
        user.Close(opened);
        Assert.Equal(-(long)Errno.EBUSY, user.Call(VfsOperation.Unmount, "/mnt"u8));
        mounted.DiskMappings!.Made[^1].Mappings = 0;
        Assert.Equal(0, user.Call(VfsOperation.Unmount, "/mnt"u8));
        Assert.Equal(0, mounted.DiskCache!.Slots.Used);
    }

    [Fact]
    public void Msync_writes_what_mappings_have_written_and_changes_the_times_first()
    {
        client.Write(handle, Filled(5), 0);
        Assert.Equal(0, Sync(handle));
        MapAndShow(client);
        Drive.Asynchronous = true;
        long before = Record.ModifyTime;
        Assert.True(Mapped.Store(Cache, 0, 1, 77, GoOn));
        ulong tag = client.Submit(VfsOperation.SyncMapping, At);
        Assert.False(client.HasAnswer(tag));
        Assert.True(Record.ModifyTime > before);
        client.Settle();
        Assert.Equal(0, client.TakeAnswer(tag));
        Assert.Equal(77, Record.Pages[0][1]);
        Assert.False(Record.Live!.Content.IsDirty);
    }

    [Fact]
    public void Msync_tells_an_error_once_for_the_description_of_the_mapping_open_or_closed()
    {
        client.Write(handle, Filled(1), 0);
        MapAndShow(client);
        long other = client.Open("/file", OpenFlags.ReadWrite);
        Drive.WriteFailChance = 1;
        Assert.Equal(-(long)Errno.EIO, SyncMapping());
        Assert.Equal(0, SyncMapping());
        // The description is the mapping's; the other has its own.
        Assert.Equal(0, Sync(handle));
        Assert.Equal(-(long)Errno.EIO, Sync(other));

        Assert.True(Mapped.Store(Cache, 0, 1, 1, GoOn));
        Assert.Equal(-(long)Errno.EIO, Sync(handle));
        Assert.Equal(0, SyncMapping());

        Assert.True(Mapped.Store(Cache, 0, 1, 2, GoOn));
        Assert.Equal(0, client.Close(handle));
        Assert.Equal(-(long)Errno.EIO, SyncMapping());
        Assert.Equal(0, SyncMapping());
    }

    [Fact]
    public void A_copy_of_a_space_shares_what_its_mappings_have_been_told()
    {
        client.Write(handle, Filled(1), 0);
        MapAndShow(client);
        TestClient child = system.NewClient(2, parent: 1);
        child.Channel.Regions.AddRange(client.Channel.Regions);
        Drive.WriteFailChance = 1;
        Assert.Equal(-(long)Errno.EIO, SyncMapping(child));
        Assert.Equal(0, SyncMapping());
    }

    [Fact]
    public void Mappings_that_cannot_be_told_apart_any_more_are_told_together_and_labels_go_with_the_last_mapping()
    {
        client.Write(handle, Filled(1), 0);
        long before = Cache.Kept.Used;
        for (int number = 0; number < 1100; number++)
        {
            long opened = client.Open("/file", OpenFlags.ReadWrite);
            Map(1, opened);
            client.Close(opened);
        }

        uint[] labels = [.. client.Channel.Maps.Select(static map => map.Label)];
        Assert.Equal(1025, labels.Distinct().Count());
        Assert.DoesNotContain(0u, labels);
        Assert.True(Cache.Kept.Used > before);
        Drive.WriteFailChance = 1;
        Show(client, client.Channel.Maps[^1]);
        Assert.Equal(-(long)Errno.EIO, SyncMapping());
        Show(client, client.Channel.Maps[^2]);
        Assert.Equal(0, SyncMapping());
        Show(client, client.Channel.Maps[3]);
        Assert.Equal(-(long)Errno.EIO, SyncMapping());
        Mapped.Mappings = 0;
        Assert.True(Record.Live!.Content.TryCloseMapping());
        Assert.Equal(before, Cache.Kept.Used);
    }

    [Fact]
    public void Msync_does_nothing_for_what_is_not_mapped_shared_and_writable_here()
    {
        client.Write(handle, Filled(1), 0);
        MapAndShow(client);
        TestClient other = system.NewClient(2);
        // Another space, an address below and behind, a mapping for reading, a private one, an object that is no file.
        (ulong Address, SpaceRegion? Region)[] cases =
        [
            (At, null), (At - Page, client.Channel.Regions[0]), (At + Page, client.Channel.Regions[0]), (ulong.MaxValue, client.Channel.Regions[0]),
            (At, MapAs(other, OpenFlags.ReadWrite, MapFlags.Read | MapFlags.Write)),
            (At, MapAs(other, 0, MapFlags.Read | MapFlags.Shared)),
            (At, client.Channel.Regions[0] with { Object = 4711 }),
        ];
        Drive.WriteFailChance = 1;
        foreach ((ulong address, SpaceRegion? region) in cases)
        {
            other.Channel.Regions.Clear();
            if (region is { } shown)
                other.Channel.Regions.Add(shown);
            Assert.Equal(0, other.Call(VfsOperation.SyncMapping, a0: address));
            Assert.True(Record.Live!.Content.IsDirty);
        }

        // By a description for reading a mapping that may be written is not had.
        Assert.Equal(-(long)Errno.EIO, SyncMapping());
    }

    private static byte[] Filled(int value)
    {
        var bytes = new byte[Page];
        for (int index = 0; index < Page; index++)
            bytes[index] = (byte)(value * 3 + index + 1);
        return bytes;
    }

    private long Sync(long file) => client.Call(VfsOperation.Sync, a0: (ulong)file, a1: WholeFile);

    private void Map(int pages) => Map(pages, handle);

    private void Map(int pages, long opened)
    {
        const MapFlags flags = MapFlags.Read | MapFlags.Write | MapFlags.Shared;
        Assert.Equal(0, client.Call(VfsOperation.Map, a0: (ulong)opened, a2: (ulong)(pages * Page), a3: (ulong)flags, a4: At));
    }

    // The kernel shows in the space what was mapped.
    private void MapAndShow(TestClient user)
    {
        Map(1);
        Show(user, client.Channel.Maps[^1]);
    }

    private static void Show(TestClient user, (ulong Address, long Length, MapFlags Flags, IMappedPages Pages, long Offset, uint Label) map)
    {
        user.Channel.Regions.Clear();
        user.Channel.Regions.Add(new SpaceRegion(map.Address, (ulong)map.Length, map.Flags, map.Pages.Identity, (ulong)map.Offset, 0, map.Label));
    }

    private SpaceRegion MapAs(TestClient user, uint open, MapFlags flags)
    {
        long opened = user.Open("/file", open);
        Assert.Equal(0, user.Call(VfsOperation.Map, a0: (ulong)opened, a2: Page, a3: (ulong)flags, a4: At));
        Show(user, user.Channel.Maps[^1]);
        return user.Channel.Regions[0];
    }

    private long SyncMapping(TestClient? user = null) => (user ?? client).Call(VfsOperation.SyncMapping, a0: At);

    private void Evict()
    {
        Cache.Reclaim.MeetNothing();
        for (int round = 0; round < 3; round++)
        {
            Cache.Reclaim.Free(Slots);
            client.Settle();
        }

        Assert.Equal(0, Cache.States.Count);
    }

    private bool GoOn()
    {
        bool worked = Drive.Step();
        client.RunReady();
        return worked;
    }

    /// <summary>A store that ends every transfer at once.</summary>
    private sealed class MemoryStore : IPageStore
    {
        public Dictionary<long, byte[]> Pages { get; } = [];

        public void BeginRead(PageTransfer transfer)
        {
            transfer.Bytes.Clear();
            for (int number = 0; number < transfer.Count; number++)
                Pages.GetValueOrDefault(transfer.Page + number)?.CopyTo(transfer.Bytes[(number * Page)..]);
            transfer.Complete(Errno.None);
        }

        public void BeginWrite(PageTransfer transfer)
        {
            for (int number = 0; number < transfer.Count; number++)
                Pages[transfer.Page + number] = transfer.Bytes.Slice(number * Page, Page).ToArray();
            transfer.Complete(Errno.None);
        }

        public Errno Sync(OperationContext context) => Errno.None;

        public void WrittenByMapping()
        {
        }

        public void Unused()
        {
        }
    }
}

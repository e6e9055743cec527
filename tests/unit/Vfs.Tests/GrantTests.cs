using Libsys.Hosting;
using Libsys.Hosting.Manifest;
using Libsys.Hosting.Programs;
using Libsys.Messages;
using Libsys.Rings;
using Servers.Vfs.Served;

namespace Servers.Vfs.Tests;

/// <summary>vfs and a server of programs, with the memory between them that says who may use which handle.</summary>
public sealed class GrantTests
{
    private const uint ReadWrite = 2, NonBlock = 0x800, Generation = 7;
    private const ulong CloneFiles = 0x400;
    private readonly TestSystem system = new();
    private readonly Device device = new();
    private readonly DeviceServer server;
    private readonly GrantLedger ledger;
    private readonly MappedMemory table = MappedMemory.Allocate(GrantTable.Length);
    private ProgramRegistry programs;

    public GrantTests()
    {
        var servers = new DeviceServers(
            [new OwnedDevice("box", new DeviceNode("box", 240, 0, 0x1B6))], system.Devices, system.Root.Root);
        server = servers.Find("box")!;
        ledger = new GrantLedger(table);
        programs = new ProgramRegistry(device, Generation);
        programs.Register(new GrantView(table));
        server.Generation = Generation;
        server.Ledger = ledger;
        Assert.Equal(0, servers.Name("box", 1));
        Assert.Equal(-Errno.EINVAL, servers.Name("box", 4));
    }

    [Fact]
    public void A_handle_is_refused_until_its_grant_is_shown_and_from_its_close_on()
    {
        TestClient client = system.NewClient(1);
        Channel rings = Connect(client);
        long handle = client.Open("/box", ReadWrite);
        ulong grant = client.Last.V2 >> 8;
        Assert.Equal(1ul, client.Last.V2 & 0xFF);
        Assert.Equal(-Errno.ESTALE, rings.Read(handle));
        Assert.Equal(-Errno.EACCES, rings.Show(handle + 1, grant));
        Assert.Equal(-Errno.ESTALE, rings.Show(handle, grant + (1ul << GrantTable.PlaceBits)));
        Assert.Equal(0, rings.Show(handle, grant));
        Assert.Equal(5, rings.Read(handle));
        Assert.Equal(0, client.Close(handle));
        Assert.Equal(-Errno.ESTALE, rings.Read(handle));
        Assert.Equal(-Errno.ESTALE, rings.Show(handle, grant));
        programs.Sweep();
        Assert.Equal((1, 1, 0, 0, 0), (device.Opened, device.Closed, programs.OpenFiles, ledger.Files, ledger.Handles));
    }

    [Fact]
    public void A_grant_is_for_the_space_and_slot_that_asked()
    {
        TestClient first = system.NewClient(1);
        long handle = first.Open("/box", ReadWrite);
        ulong grant = first.Last.V2 >> 8;
        TestClient second = system.NewClient(2, parent: 1);
        Channel rings = Connect(second);
        Assert.Equal(-Errno.EACCES, rings.Show(handle, grant));
        // The child has the handle too, and its own grant for it.
        Assert.Equal(0, second.Call(VfsOperation.Grant, a0: (ulong)handle));
        Assert.Equal(0, rings.Show(handle, second.Last.V2 >> 8));
        Assert.Equal(-Errno.ESTALE, rings.Read(handle, slot: 2));
        Assert.Equal(-Errno.EBADF, second.Call(VfsOperation.Grant, a0: 99));
        Assert.Equal(-Errno.ENODEV, second.Call(VfsOperation.Grant, a0: (ulong)second.Open("/", 0)));
        // The parent's close does not end the child's; the child's end does.
        Assert.Equal(0, first.Close(handle));
        Assert.Equal(5, rings.Read(handle));
        system.Registry.Detach(second.Connection.Id);
        Assert.Equal(-Errno.ESTALE, rings.Read(handle));
        programs.Sweep();
        Assert.Equal((1, 1, 0, 0), (device.Opened, device.Closed, ledger.Files, ledger.Handles));
    }

    [Fact]
    public void What_shares_a_table_is_closed_for_all_and_what_ends_takes_its_grants_along()
    {
        TestClient first = system.NewClient(1);
        Channel rings = Connect(first);
        Assert.Equal(0, system.Registry.AttachSlot(first.Connection.Id, 2, pid: 2, parent: 1, CloneFiles));
        long handle = first.Open("/box", ReadWrite);
        Assert.Equal(0, rings.Show(handle, first.Last.V2 >> 8));
        var sibling = new TestClient(system, first.Connection, first.Channel, slot: 2);
        Assert.Equal(0, sibling.Call(VfsOperation.Grant, a0: (ulong)handle));
        Assert.Equal(0, rings.Show(handle, sibling.Last.V2 >> 8, slot: 2));
        Assert.Equal((5, 2), (rings.Read(handle, slot: 2), ledger.Handles));
        system.Registry.DetachSlot(first.Connection.Id, 2);
        Assert.Equal((-Errno.ESTALE, 5, 1), (rings.Read(handle, slot: 2), rings.Read(handle), ledger.Handles));
        first.Close(handle);
        Assert.Equal(-Errno.ESTALE, rings.Read(handle));
    }

    [Fact]
    public void What_waits_keeps_its_description_and_flags_count_at_once()
    {
        TestClient client = system.NewClient(1);
        Channel rings = Connect(client);
        long handle = client.Open("/box", ReadWrite);
        rings.Show(handle, client.Last.V2 >> 8);
        device.IsEmpty = true;
        Assert.Null(rings.Read(handle));
        Assert.Equal(0, client.Call(VfsOperation.SetFlags, a0: (ulong)handle, a1: NonBlock));
        Assert.Equal(-Errno.EAGAIN, rings.Read(handle));
        client.Close(handle);
        programs.Sweep();
        Assert.Equal((0, 0), (device.Closed, programs.OpenFiles));
        rings.Call(VfsOperation.Cancel, 1);
        Assert.Equal((-Errno.EINTR, 1), (rings.Answers[1], device.Closed));
    }

    [Fact]
    public void A_successor_may_go_on_with_descriptions_or_refuse_them()
    {
        TestClient client = system.NewClient(1);
        long handle = client.Open("/box", ReadWrite);
        ulong grant = client.Last.V2 >> 8;
        server.Generation = Generation + 1;
        programs = new ProgramRegistry(device, Generation + 1);
        programs.Register(new GrantView(table));
        Channel rings = Connect(client);
        Assert.Equal((0, true), (rings.Show(handle, grant), device.WasFromPredecessor));
        long fresh = client.Open("/box", ReadWrite);
        Assert.Equal((0, false), (rings.Show(fresh, client.Last.V2 >> 8), device.WasFromPredecessor));
        device.RefusesPredecessors = true;
        programs = new ProgramRegistry(device, Generation + 1);
        programs.Register(new GrantView(table));
        rings = Connect(client);
        Assert.Equal(-Errno.EIO, rings.Show(handle, grant));
        Assert.Equal(-Errno.ESTALE, rings.Read(handle));
        programs.Register(null);
        Assert.Equal(-Errno.ESTALE, rings.Show(handle, grant));
        Assert.Equal(-Errno.EIO, rings.Read(handle));
    }

    [Fact]
    public void A_full_table_is_an_error_and_leaves_nothing_behind()
    {
        TestClient root = system.NewClient(1);
        TestClient user = system.NewClient(2, parent: 1);
        system.Registry.SetCredentials(2, new Servers.Vfs.Objects.Credentials(1000, 1000, 1000, 1000, []));
        var handles = new List<long>();
        long result;
        while ((result = user.Open("/box", ReadWrite)) >= 0)
            handles.Add(result);
        Assert.Equal((-Errno.ENFILE, GrantTable.Entries - GrantTable.Entries / 32), (result, handles.Count));
        Assert.True(root.Open("/box", ReadWrite) >= 0);
        foreach (long handle in handles)
            Assert.Equal(0, user.Close(handle));
        Assert.Equal((1, 1), (ledger.Files, ledger.Handles));
        Assert.True(user.Open("/box", ReadWrite) >= 0);
    }

    private Channel Connect(TestClient client)
    {
        var channel = new Channel();
        var connection = new ProgramConnection(client.Connection.Id, channel);
        channel.Serve = (in Submission request) => programs.Serve(connection, request);
        Assert.Equal(0, programs.Attach(connection));
        return channel;
    }

    private delegate void Server(in Submission request);

    private sealed class Channel : IProgramChannel
    {
        private readonly byte[] pool = new byte[64];
        private ulong nextTag;

        public Server Serve { get; set; } = null!;

        public Dictionary<ulong, long> Answers { get; } = [];

        public void Complete(ulong tag, long result) => Answers.Add(tag, result);

        public bool TryPayload(in Submission submission, out Span<byte> payload)
        {
            payload = pool.AsSpan(0, (int)submission.PoolLength);
            return true;
        }

        // Answers: by tags; the tag of the request is the number of requests before it.
        public long? Call(VfsOperation operation, ulong a0, ulong a1 = 0, uint slot = 1)
        {
            ulong tag = nextTag++;
            Serve(new Submission { Tag = tag, Operation = (ushort)operation, A0 = a0, A1 = a1, ProcessSlot = slot, PoolLength = 8 });
            return Answers.TryGetValue(tag, out long result) ? result : null;
        }

        public long? Show(long handle, ulong grant, uint slot = 1) => Call(VfsOperation.ShowGrant, (ulong)handle, grant, slot);

        public long? Read(long handle, uint slot = 1) => Call(VfsOperation.Read, (ulong)handle, 0, slot);
    }

    private sealed class Device : IProgramService
    {
        public int Opened { get; private set; }

        public int Closed { get; set; }

        public bool IsEmpty { get; set; }

        public bool WasFromPredecessor { get; private set; }

        public bool RefusesPredecessors { get; set; }

        public ProgramFile? Open(in ProgramGrant grant, bool isFromPredecessor, out long error)
        {
            WasFromPredecessor = isFromPredecessor;
            error = isFromPredecessor && RefusesPredecessors ? -Errno.EIO : 0;
            if (error != 0)
                return null;
            Opened++;
            return new DeviceFile(this);
        }
    }

    private sealed class DeviceFile(Device device) : ProgramFile
    {
        protected override long? Read(Span<byte> buffer) => device.IsEmpty ? null : 5;

        protected override void Closed() => device.Closed++;
    }
}

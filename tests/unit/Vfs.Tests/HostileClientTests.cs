using Libsys.Messages;
using Libsys.Rings;

namespace Servers.Vfs.Tests;

public class HostileClientTests
{
    private readonly TestSystem system;
    private readonly TestClient client;

    public HostileClientTests()
        : this(RootKind.Tmpfs)
    {
    }

    protected HostileClientTests(RootKind kind)
    {
        system = new TestSystem(kind);
        client = system.NewClient(1);
    }

    [Fact]
    public void Random_requests_get_an_answer_and_harm_nobody_else()
    {
        TestClient other = system.NewClient(2);
        other.WriteText("/keep", "untouched");
        var random = new Random(4711);
        for (int count = 0; count < 50_000; count++)
        {
            var submission = new Submission
            {
                Tag = (ulong)count + 1_000_000, Operation = (ushort)random.Next(0, 45), ProcessSlot = random.Next(20) == 0 ? 7u : 1,
                    Pool = random.Next(10) == 0 ? (byte)random.Next(256) : (byte)0, PoolOffset = Offset(random), PoolLength = Offset(random),
                A0 = Argument(random), A1 = Argument(random), A2 = Argument(random), A3 = Argument(random), A4 = Argument(random),
            };
            if (submission.PoolOffset < 1000)
                random.NextBytes(client.Channel.Pool.Slice((int)submission.PoolOffset, 200));
            system.Server.Submit(client.Connection, submission);
            client.Settle();
        }

        Assert.True(client.Connection.Waiting.Count <= 64);
        Assert.Equal("untouched", other.ReadText("/keep"));
        Assert.NotNull(system.Registry.Detach(client.Connection.Id));
        other.Settle();
        Assert.Empty(client.Connection.Waiting);
    }

    [Fact]
    public void A_buffer_outside_the_pool_is_refused()
    {
        system.Server.Submit(client.Connection,
            new Submission { Tag = 1, Operation = (ushort)VfsOperation.Read, ProcessSlot = 1, PoolOffset = uint.MaxValue, PoolLength = 2 });
        Assert.True(client.TryFinish(1, out long result));
        Assert.Equal(-(long)Errno.EFAULT, result);
    }

    [Fact]
    public void Handles_are_bounded_for_a_process_and_for_all()
    {
        Assert.Equal(-(long)Errno.EMFILE, Exhaust(client));
        long last = 0;
        for (uint pid = 2; pid < 8 && last != -(long)Errno.ENFILE; pid++)
            last = Exhaust(system.NewClient(pid));
        Assert.Equal(-(long)Errno.ENFILE, last);
    }

    [Fact]
    public void Pipe_buffers_shrink_and_then_run_out()
    {
        var written = new List<long>();
        for (int count = 0; count < 1400; count++)
        {
            (_, long write) = client.Pipe(OpenFlags.NonBlock);
            written.Add(client.Write(write, new byte[65536]));
        }

        Assert.Equal(65536, written[0]);
        Assert.Contains(4096, written);
        Assert.Equal(-(long)Errno.ENOMEM, written[^1]);
    }

    private static long Exhaust(TestClient who)
    {
        long handle;
        do
            handle = who.Call(VfsOperation.CreateEventCounter);
        while (handle >= 0);
        return handle;
    }

    private static uint Offset(Random random) => random.Next(4) switch { 0 => (uint)random.Next(), 1 => 0, _ => (uint)random.Next(0, 600) };

    private static ulong Argument(Random random) => random.Next(5) switch
    {
        0 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
        1 => ulong.MaxValue,
        2 => VfsLimits.WorkingDirectory,
        3 => (ulong)random.Next(0, 8192) & ~0xFFFul,
        _ => (ulong)random.Next(0, 12),
    };
}

public sealed class HostileClientOnDiskTests() : HostileClientTests(RootKind.Disk);

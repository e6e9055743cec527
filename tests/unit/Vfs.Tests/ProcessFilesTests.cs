using System.Buffers.Binary;
using System.Text;
using Libsys.Abi;
using Libsys.Messages;
using Servers.Vfs.Machine;
using Servers.Vfs.Objects;
using Servers.Vfs.Proc;
using Servers.Vfs.Processes;
using Servers.Vfs.Terminals;

namespace Servers.Vfs.Tests;

public class ProcessFilesTests : IProcessTable, ISystemFigures
{
    private readonly TestSystem system;
    private readonly TestClient client;

    public ProcessFilesTests()
        : this(RootKind.Tmpfs)
    {
    }

    protected ProcessFilesTests(RootKind kind)
    {
        system = new TestSystem(kind);
        client = system.NewClient(42);
        var sources = new ProcSources(system.Clock, this, this, system.Registry, system.Mounts, new TerminalTable(), new MappedFileNames(system.Memory.Cache),
            new LoadAverage(), system.Types.All);
        system.Types.Add(new SingleFileSystemType(new ProcFileSystem(system.Mounts.AllocateDevice(), sources)));
        client.MakeDirectory("/proc");
        Assert.Equal(0, client.Call(VfsOperation.Mount, TestClient.Bytes("proc/procproc"), a1: 4, a2: 5, a3: 4));

        // The disk of these tests has no pages that can be mapped.
        client.MakeDirectory("/bin");
        Assert.Equal(0, client.Call(VfsOperation.Mount, TestClient.Bytes("none/bintmpfs"), a1: 4, a2: 4, a3: 5));
        client.WriteText("/bin/sh", "program");
        long program = client.Open("/bin/sh");
        Assert.Equal(0, client.Call(VfsOperation.Map, a0: (ulong)program, a2: 0x1000, a3: (ulong)(MapFlags.Read | MapFlags.Execute), a4: 0x400000));
        client.Close(program);
        ulong identity = system.Mappings.Made[0].Identity;
        client.Channel.Regions.Add(new SpaceRegion(0x400000, 0x1000, MapFlags.Read | MapFlags.Execute, identity, 0x1000, 0x1000));
        client.Channel.Regions.Add(new SpaceRegion(0x7FFF_0000_0000, 0x2000, MapFlags.Read | MapFlags.Write | MapFlags.GrowsDown, 0, 0, 0x2000));
    }

    uint ISystemFigures.CpuCount => 2;

    uint ISystemFigures.Runnable => 1;

    ulong ISystemFigures.TotalFrames => 131072;

    ulong ISystemFigures.FreeFrames => 65536;

    ulong ISystemFigures.IdleTime => 3_000_000_000;

    ulong ISystemFigures.ContextSwitches => 1000;

    ulong ISystemFigures.Interrupts => 50;

    [Fact]
    public void Types_of_file_systems_are_listed_and_those_that_lie_on_a_device_told() =>
        Assert.Equal("nodev\ttmpfs\n\tdisk\nnodev\tproc\n", client.ReadText("/proc/filesystems"));

    [Fact]
    public void Self_leads_to_the_reader()
    {
        Assert.Equal(2, client.ReadLink("/proc/self", out string self));
        Assert.Equal("42", self);
        Assert.Equal("sh\n", client.ReadText("/proc/self/comm"));
        Assert.Equal("sh\0-c\0", client.ReadText("/proc/42/cmdline"));
        Assert.Equal(-(long)Errno.ENOENT, client.Open("/proc/43"));
    }

    [Fact]
    public void Stat_has_52_fields_and_status_its_lines()
    {
        string stat = client.ReadText("/proc/self/stat");
        Assert.StartsWith("42 (sh) R 1 42 42 0 -1 0 17 ", stat, StringComparison.Ordinal);
        Assert.Equal(52, stat.TrimEnd('\n').Split(' ').Length);
        string status = client.ReadText("/proc/self/status");
        Assert.Contains("Name:\tsh\n", status, StringComparison.Ordinal);
        Assert.Contains("VmRSS:\t    2048 kB\n", status, StringComparison.Ordinal);
    }

    [Fact]
    public void Maps_name_the_program_and_the_stack()
    {
        client.Stat("/bin/sh", out TestStat stat);
        string expected = $"00400000-00401000 r-xp 00001000 00:{stat.Device:x2} {stat.Inode} ".PadRight(73) + "/bin/sh\n"
            + "7fff00000000-7fff00002000 rw-p 00000000 00:00 0 ".PadRight(73) + "[stack]\n";
        Assert.Equal(expected, client.ReadText("/proc/self/maps"));
    }

    [Fact]
    public void Descriptors_are_links_to_what_is_open()
    {
        client.WriteText("/file", "inside");
        long handle = client.Open("/file");
        BinaryPrimitives.WriteUInt16LittleEndian(client.Channel.DescriptorTable[(7 * 2)..], (ushort)(handle + 1));
        BinaryPrimitives.WriteUInt16LittleEndian(client.Channel.DescriptorTable[(8 * 2)..], 999);
        Assert.Equal([".", "..", "7"], client.List("/proc/self/fd"));
        client.ReadLink("/proc/self/fd/7", out string target);
        Assert.Equal("/file", target);
        Assert.Equal("inside", client.ReadText("/proc/self/fd/7"));
        client.Unlink("/file");
        client.ReadLink("/proc/self/fd/7", out target);
        Assert.Equal("/file (deleted)", target);
    }

    [Fact]
    public void A_pipe_can_be_opened_again_through_its_link()
    {
        (_, long write) = client.Pipe();
        BinaryPrimitives.WriteUInt16LittleEndian(client.Channel.DescriptorTable[2..], (ushort)(write + 1));
        client.ReadLink("/proc/self/fd/1", out string target);
        Assert.StartsWith("pipe:[", target, StringComparison.Ordinal);
        long again = client.Open("/proc/self/fd/1", OpenFlags.WriteOnly);
        Assert.True(again >= 0);
        Assert.Equal(1, client.Write(again, "x"u8));
    }

    [Fact]
    public void A_pipe_whose_writer_has_gone_can_still_be_opened_and_read()
    {
        (long read, long write) = client.Pipe();
        BinaryPrimitives.WriteUInt16LittleEndian(client.Channel.DescriptorTable, (ushort)(read + 1));
        client.Write(write, "left"u8);
        client.Close(write);
        (ulong tag, _) = client.Background(VfsOperation.Open, "/proc/self/fd/0"u8, -1, VfsLimits.WorkingDirectory, OpenFlags.ReadOnly);
        Assert.True(client.TryFinish(tag, out long again));
        Assert.Equal(4, client.Read(again, 100, out _));
        Assert.Equal(0, client.Read(again, 100, out _));
        client.Close(again);
        client.Close(read);
    }

    [Fact]
    public void A_pipe_without_readers_can_be_opened_for_writing()
    {
        (long read, long write) = client.Pipe();
        BinaryPrimitives.WriteUInt16LittleEndian(client.Channel.DescriptorTable, (ushort)(write + 1));
        client.Close(read);
        (ulong tag, _) = client.Background(VfsOperation.Open, "/proc/self/fd/0"u8, -1, VfsLimits.WorkingDirectory, OpenFlags.WriteOnly);
        Assert.True(client.TryFinish(tag, out long again));
        Assert.Equal(-(long)Errno.EPIPE, client.Write(again, "x"u8));
        Assert.True(client.Open("/proc/self/fd/0", OpenFlags.WriteOnly | OpenFlags.NonBlock) >= 0);
    }

    [Fact]
    public void The_system_s_files_have_Linux_formats()
    {
        Assert.StartsWith("MemTotal:         524288 kB\nMemFree:          262144 kB\n", client.ReadText("/proc/meminfo"), StringComparison.Ordinal);
        Assert.StartsWith("cpu  150 0 25 300 0 0 0 0 0 0\ncpu0 ", client.ReadText("/proc/stat"), StringComparison.Ordinal);
        Assert.Matches("^[0-9]+\\.[0-9]{2} 3\\.00\n$", client.ReadText("/proc/uptime"));
        Assert.Matches("^0\\.00 0\\.00 0\\.00 1/1 42\n$", client.ReadText("/proc/loadavg"));
        Assert.Contains("proc /proc proc rw,relatime 0 0\n", client.ReadText("/proc/mounts"), StringComparison.Ordinal);
        Assert.Equal(2, client.ReadText("/proc/cpuinfo").Split("processor\t").Length - 1);
    }

    [Theory]
    [InlineData("/proc/new")]
    [InlineData("/proc/sys/new")]
    [InlineData("/proc/self/new")]
    public void Names_cannot_be_made(string path)
    {
        Assert.Equal(-(long)Errno.ENOENT, client.Open(path, OpenFlags.Create | OpenFlags.WriteOnly));
        Assert.Equal(-(long)Errno.ENOENT, client.MakeDirectory(path));
        Assert.Equal(-(long)Errno.EPERM, client.Unlink("/proc/version"));
    }

    ProcessEntry? IProcessTable.Find(uint pid)
    {
        if (pid != 42)
            return null;
        var entry = new byte[ProcessTable.EntryLength];
        void Put(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(offset), value);
        Put(ProcessTable.Pid, 42);
        Put(ProcessTable.Parent, 1);
        Put(ProcessTable.Group, 42);
        Put(ProcessTable.Session, 42);
        Put(ProcessTable.State, 'S');
        Put(ProcessTable.Threads, 1);
        Put(ProcessTable.ConnectionId, 1);
        Put(ProcessTable.CommandLineLength, 6);
        Encoding.ASCII.GetBytes("sh").CopyTo(entry, ProcessTable.Name);
        Encoding.ASCII.GetBytes("sh\0-c\0").CopyTo(entry, ProcessTable.CommandLine);
        return new ProcessEntry(entry);
    }

    List<uint> IProcessTable.Pids() => [42];
}

public sealed class ProcessFilesOnDiskTests() : ProcessFilesTests(RootKind.Disk);

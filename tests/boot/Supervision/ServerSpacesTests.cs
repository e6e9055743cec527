using System.Buffers.Binary;
using System.Text;
using Libsys.Abi;
using Microkernel.Image;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Supervision;

/// <summary>Every server in an address space of its own, as the processor sees it.</summary>
public sealed class ServerSpacesTests
{
    // Looking takes a few milliseconds each time, and the workload keeps all servers busy.
    private const int MostLooks = 20_000;

    // The strings of a server's start table lie behind its few handles.
    private const int TableBytes = 2048;

    // Where the fields lie in a StartTable.
    private const int ModeOffset = 12, ArgumentsOffset = 24;

    [Fact]
    public async Task Every_server_has_a_page_table_root_of_its_own()
    {
        string socket = Path.Combine(Path.GetTempPath(), $"monitor-{Guid.NewGuid():n}");
        var request = new RunRequest
        {
            // Files for vfs, processes for process, text for the console driver.
            Command = "while :; do ls -l /; done"u8.ToArray(),
            Cpus = 1,
            Timeout = Boot.DefaultTimeout,
            Monitor = socket,
        };
        using var end = new CancellationTokenSource();
        Task<RunResult> run = CommandRun.RunAsync(RepositoryLayout.Find(), request, Stream.Null, _ => { }, end.Token);
        Dictionary<string, HashSet<ulong>> roots;
        using (QemuMonitor monitor = await QemuMonitor.ConnectAsync(socket))
            roots = await WatchAsync(monitor, ["console", "vfs", "process"]);
        await end.CancelAsync();
        await run;
        File.Delete(socket);

        // The console driver has a spare, which is a process too.
        Assert.All(roots, server => Assert.InRange(server.Value.Count, 1, server.Key == "console" ? 2 : 1));
        Assert.Equal(roots.Values.Sum(root => root.Count), roots.Values.SelectMany(root => root).Distinct().Count());
    }

    private static async Task<Dictionary<string, HashSet<ulong>>> WatchAsync(QemuMonitor monitor, string[] wanted)
    {
        var roots = new Dictionary<string, HashSet<ulong>>();
        for (int look = 0; look < MostLooks && !wanted.All(roots.ContainsKey); look++)
        {
            await monitor.AskAsync("stop");
            ulong root = await monitor.PageTableRootAsync();
            if (ServerOf(await monitor.MemoryAsync(Window.StartTableAddress, TableBytes)) is { } server)
                (roots.TryGetValue(server, out HashSet<ulong>? seen) ? seen : roots[server] = []).Add(root);
            await monitor.AskAsync("cont");
        }

        Assert.All(wanted, server => Assert.Contains(server, roots.Keys));
        return roots;
    }

    /// <summary>Name of the server whose start table this is; null for a program, and where there is no table.</summary>
    private static string? ServerOf(byte[] table)
    {
        if (table.Length < TableBytes || BinaryPrimitives.ReadUInt64LittleEndian(table) != StartTable.MagicValue)
            return null;
        if (BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(ModeOffset)) != (uint)StartMode.Server)
            return null;
        int arguments = BinaryPrimitives.ReadInt32LittleEndian(table.AsSpan(ArgumentsOffset));
        int name = BinaryPrimitives.ReadInt32LittleEndian(table.AsSpan(arguments));
        return Encoding.UTF8.GetString(table.AsSpan(name)[..table.AsSpan(name).IndexOf((byte)0)]);
    }
}

using System.Globalization;
using System.Text;
using Libsys.Messages;
using Servers.Vfs.Generated;
using Servers.Vfs.Machine;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Sys;

/// <summary>/sys/servers: a directory for each server.</summary>
internal sealed class ServersDirectory(FileSystem fileSystem, ulong number, long time, IServerTable table, IServerControl? control, KernelLog? log)
    : GeneratedDirectory(fileSystem, number, 0x16D, time)
{
    // Numbers of a server's directory and files, by its place in the table.
    private const ulong FirstNumber = 0x10000, NumbersEach = 16;

    private static readonly Dictionary<string, InjectedFault> Faults = Enum.GetValues<InjectedFault>().ToDictionary(Name);

    private readonly long time = time;

    /// <inheritdoc/>
    public override List<GeneratedName> List()
    {
        var names = new List<GeneratedName>();
        foreach (ServerEntry server in table.Servers())
            names.Add(new GeneratedName(server.Name, InodeMode.Directory, FirstNumber + (ulong)names.Count * NumbersEach));
        return names;
    }

    /// <inheritdoc/>
    public override Errno Lookup(OperationContext context, Dentry self, ReadOnlySpan<byte> name, out Dentry? child)
    {
        child = null;
        string wanted = Encoding.UTF8.GetString(name);
        int place = table.Servers().FindIndex(server => server.Name == wanted);
        if (place < 0)
            return Errno.ENOENT;
        ulong first = FirstNumber + (ulong)place * NumbersEach;
        var directory = new StaticDirectory(FileSystem, first, time);
        child = new Dentry(self, name.ToArray(), directory);
        Add(directory, child, "state", first + 1, wanted, static server => server.State);
        Add(directory, child, "pid", first + 2, wanted, static server => server.Pid.ToString(CultureInfo.InvariantCulture));
        Add(directory, child, "generation", first + 3, wanted, static server => server.Generation.ToString(CultureInfo.InvariantCulture));
        Add(directory, child, "restarts", first + 4, wanted, static server => server.Restarts.ToString(CultureInfo.InvariantCulture));
        Add(directory, child, "last_failure", first + 5, wanted, static server => server.LastFailure);
        Add(directory, child, "latency_us", first + 8, wanted, static server => server.LastRestart.ToString());
        // For root: reports of crashes tell addresses and contents of registers.
        const uint rootReads = 0x100;
        if (log != null)
            directory.Add(child, "log", new GeneratedFile(FileSystem, first + 9, rootReads, time, _ => ServerLog.Of(wanted, log.All())));
        if (control is null)
            return Errno.None;
        directory.Add(child, "restart", new CommandFile(FileSystem, first + 6, time, _ => control.Restart(wanted)));
        directory.Add(child, "inject", new CommandFile(FileSystem, first + 7, time, word => Inject(wanted, word)));
        return Errno.None;
    }

    private Errno Inject(string server, string word) =>
        Faults.TryGetValue(word, out InjectedFault fault) ? control!.Inject(server, fault) : Errno.EINVAL;

    private static string Name(InjectedFault fault) => fault.ToString().ToLowerInvariant();

    private void Add(StaticDirectory directory, Dentry self, string name, ulong fileNumber, string server, Func<ServerEntry, string> text)
    {
        const uint readable = 0x124;
        byte[]? Make(ClientProcess reader) => table.Servers().Find(entry => entry.Name == server) is { } entry ? Encoding.UTF8.GetBytes(text(entry) + "\n")
            : null;
        directory.Add(self, name, new GeneratedFile(FileSystem, fileNumber, readable, time, Make));
    }
}

/// <summary>What is known about a server.</summary>
public sealed record ServerEntry(string Name, string State, uint Pid, uint Generation, uint Restarts, string LastFailure, RestartTimes LastRestart);

/// <summary>How long a restart took, microseconds since the failure; 0: not known. See <see cref="ServerTable"/>.</summary>
public readonly record struct RestartTimes(uint Generation, uint Noticed, uint Quiesced, uint Ready, uint First)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"generation {Generation}\nnoticed {Noticed}\nquiesced {Quiesced}\nready {Ready}\nfirst {First}");
}

/// <summary>The servers, as the supervisor publishes them.</summary>
public interface IServerTable
{
    /// <summary>All servers, in the order of the manifest.</summary>
    List<ServerEntry> Servers();
}

using System.Globalization;
using System.Text;
using Servers.Vfs.Generated;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Sys;

/// <summary>/sys/servers: a directory for each server.</summary>
internal sealed class ServersDirectory(FileSystem fileSystem, ulong number, long time, IServerTable table, IServerControl? control)
    : GeneratedDirectory(fileSystem, number, 0x16D, time)
{
    // Numbers of a server's directory and files, by its place in the table.
    private const ulong FirstNumber = 0x10000, NumbersEach = 16;

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
        if (control is null)
            return Errno.None;
        directory.Add(child, "restart", new CommandFile(FileSystem, first + 6, time, _ => control.Restart(wanted)));
        directory.Add(child, "inject", new CommandFile(FileSystem, first + 7, time, word => Inject(wanted, word)));
        return Errno.None;
    }

    private Errno Inject(string server, string word) => word switch
    {
        "crash" => control!.Inject(server, ServerFault.Crash),
        "hang" => control!.Inject(server, ServerFault.Hang),
        "exit" => control!.Inject(server, ServerFault.Exit),
        "garbage" => control!.Inject(server, ServerFault.Garbage),
        _ => Errno.EINVAL,
    };

    private void Add(StaticDirectory directory, Dentry self, string name, ulong fileNumber, string server, Func<ServerEntry, string> text)
    {
        const uint readable = 0x124;
        byte[]? Make(ClientProcess reader) => table.Servers().Find(entry => entry.Name == server) is { } entry ? Encoding.UTF8.GetBytes(text(entry) + "\n")
            : null;
        directory.Add(self, name, new GeneratedFile(FileSystem, fileNumber, readable, time, Make));
    }
}

/// <summary>What is known about a server.</summary>
public sealed record ServerEntry(string Name, string State, uint Pid, uint Generation, uint Restarts, string LastFailure);

/// <summary>The servers, as the supervisor publishes them.</summary>
public interface IServerTable
{
    /// <summary>All servers, in the order of the manifest.</summary>
    List<ServerEntry> Servers();
}

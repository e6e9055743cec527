using System.Text;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Hosting;

/// <summary>
/// What a server was started with: its start table's named handles, arguments and environment. Everything that a server may do comes from here.
/// </summary>
public sealed class ServerContext
{
    private readonly Dictionary<string, uint> handles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> environment = new(StringComparer.Ordinal);

    private ServerContext(string name, string[] arguments)
    {
        Name = name;
        Arguments = arguments;
    }

    /// <summary>Name in the boot manifest.</summary>
    public string Name { get; }

    /// <summary>Arguments behind the name.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>1 for the first process of this server, one more after each restart.</summary>
    public uint Generation { get; private set; } = 1;

    /// <summary>
    /// How many processes of this server failed in a row, this one's predecessor the last of them, without running for long: what they died of may lie in what
    /// was kept, or in a request that is served again. 0 ordinarily. See docs/keeping.md.
    /// </summary>
    public uint Attempt { get; private set; }

    /// <summary>The log.</summary>
    public Log Log { get; private set; } = new(default, "", 0);

    /// <summary>Endpoint of the supervisor (see <see cref="SupervisorOperation"/>).</summary>
    public EndpointHandle Supervisor { get; } = new(WellKnownHandle.Control);

    /// <summary>Signs of life and last moments, for the supervisor.</summary>
    public ServerHealth Health { get; private set; } = new(null);

    /// <summary>Who else runs; null if the supervisor gave no table.</summary>
    public ServerDirectory? Directory { get; private set; }

    /// <summary>Generation of a server that the supervisor has published; 0 if that is not known.</summary>
    public uint GenerationOf(string server) => Directory is { } directory && directory.TryFind(server, out PublishedServer found) ? found.Generation : 0;

    /// <summary>Reads the start table of the own space and maps what the supervisor shares.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static ServerContext Read()
    {
        uint length = MappedMemory.FixedView(Window.StartTableAddress, 4096).ReadUInt32(8);
        ServerContext context = Parse(MappedMemory.FixedView(Window.StartTableAddress, Math.Min(length, Window.StartTableLimit)));
        var page = new MemoryObjectHandle(context.FindHandle("health").Index);
        MappedMemory? mapped = null;
        if (page.Handle.IsValid)
            MappedMemory.TryMap(page, 0, HealthPage.Length, MapFlags.Read | MapFlags.Write | MapFlags.Shared, out mapped);
        context.Health = new ServerHealth(mapped);
        context.Directory = ServerDirectory.TryMap(context.FindHandle("server.table"));

        // Before and beside the event loop nobody else catches; the runtime would end the process by a signal, whose stack has no C# any more.
        AppDomain.CurrentDomain.UnhandledException += (_, raised) =>
        {
            if (raised.ExceptionObject is not Exception error)
                return;
            if (error.InnerException is null)
                context.ReportFailing(error);
            context.Log.Write("unexpected exception: " + error);
            context.ReportFailing(error);
        };
        return context;
    }

    /// <summary>Reads a start table.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static ServerContext Parse(MappedMemory memory)
    {
        StartTable table = memory.Read<StartTable>(0);
        if (table.Magic != StartTable.MagicValue || table.Mode != (uint)StartMode.Server)
            throw new InvalidDataException("start table: not a server's");
        string[] arguments = ReadStrings(memory, table.Arguments, table.ArgumentCount);
        if (arguments.Length == 0)
            throw new InvalidDataException("start table: no name");
        var context = new ServerContext(arguments[0], arguments[1..]);
        foreach (string setting in ReadStrings(memory, table.Environment, table.EnvironmentCount))
        {
            int sign = setting.IndexOf('=', StringComparison.Ordinal);
            if (sign > 0)
                context.environment[setting[..sign]] = setting[(sign + 1)..];
        }

        for (uint index = 0; index < table.HandleCount; index++)
        {
            StartHandle entry = memory.Read<StartHandle>(table.Handles + index * 8ul);
            context.handles[ReadString(memory, entry.Name)] = entry.Handle;
        }

        if (context.environment.TryGetValue(StartSetting.Generation, out string? text) && uint.TryParse(text, out uint generation))
            context.Generation = generation;
        if (context.environment.TryGetValue(StartSetting.Attempt, out text) && uint.TryParse(text, out uint attempt))
            context.Attempt = attempt;
        context.Log = new Log(new MachineHandle(context.FindHandle("log").Index), context.Name, context.Generation);
        return context;
    }

    /// <summary>A handle by name; an invalid one if the manifest gave none.</summary>
    public KernelHandle FindHandle(string name) => new(handles.GetValueOrDefault(name));

    /// <summary>A handle by name that the server cannot work without.</summary>
    /// <exception cref="InvalidDataException">The manifest gave none.</exception>
    public KernelHandle Handle(string name) =>
        handles.TryGetValue(name, out uint handle) ? new KernelHandle(handle) : throw new InvalidDataException($"start table: no handle \"{name}\"");

    /// <summary>Names of all handles.</summary>
    public IEnumerable<string> HandleNames => handles.Keys;

    /// <summary>An environment setting, or null.</summary>
    public string? Setting(string name) => environment.GetValueOrDefault(name);

    /// <summary>An interrupt by name, bound to bits of the loop's notification by the supervisor.</summary>
    /// <exception cref="InvalidDataException">The manifest gave none.</exception>
    public Interrupt Interrupt(string name) =>
        ulong.TryParse(Setting(StartSetting.InterruptBits + name), out ulong bits)
            ? new Interrupt(Handle(name).Index, bits)
            : throw new InvalidDataException($"start table: no interrupt \"{name}\"");

    /// <summary>Tells the supervisor that this server answers now: servers that depend on it are started then.</summary>
    public KernelStatus SignalReady()
    {
        Message message = default;
        message.Words[0] = (ulong)SupervisorOperation.Ready;
        return Supervisor.Call(ref message);
    }

    /// <summary>
    /// For a spare: waits until it takes its predecessor's place, and learns its generation. To be called when all is prepared that touches no hardware and
    /// serves nobody. Returns at once in an ordinary process.
    /// </summary>
    public void Standby()
    {
        if (Setting(StartSetting.Standby) != "1")
            return;
        Message message = default;
        message.Words[0] = (ulong)SupervisorOperation.Standby;
        if (Supervisor.Call(ref message) != KernelStatus.Ok)
            Environment.Exit(1); // without a supervisor there is no machine either
        Generation = (uint)message.Words[1];
        Attempt = (uint)message.Words[2];
        Log = new Log(new MachineHandle(FindHandle("log").Index), Name, Generation);
    }

    /// <summary>Tells the supervisor that a peer broke the protocol: it ends that peer, if it still is the generation that did it.</summary>
    public void ReportViolation(string peer, ulong generation)
    {
        Log.Write($"{peer} broke the ring protocol");
        Tell(SupervisorOperation.Violation, peer, generation);
    }

    /// <summary>
    /// Tells the supervisor that a device of a peer's was refused memory that nobody had lent it: as <see cref="ReportViolation(string, ulong)"/>.
    /// </summary>
    public void ReportStray(string peer, ulong generation) => Tell(SupervisorOperation.Stray, peer, generation);

    /// <summary>
    /// Tells the supervisor that a peer lets the caller wait for longer than it should: it is asked for a sign of life, and replaced if it gives none. Costs
    /// the peer nothing if it is well.
    /// </summary>
    public void Suspect(string peer, ulong generation) => Tell(SupervisorOperation.Suspect, peer, generation);

    /// <summary>A violation of the protocol by a client, by the badge of its calls. A client that no longer runs needs no report.</summary>
    public void ReportViolation(ulong client)
    {
        if (Directory is not null && Directory.TryFind(client, out string name, out PublishedServer server))
            ReportViolation(name, server.Generation);
    }

    /// <summary>Tells the supervisor of an unexpected exception; comes back only if there is none to tell.</summary>
    internal void ReportFailing(Exception error)
    {
        Health.Describe(error);
        Message message = default;
        message.Words[0] = (ulong)SupervisorOperation.Failing;
        Supervisor.Call(ref message);
    }

    private void Tell(SupervisorOperation what, string peer, ulong generation)
    {
        Message message = default;
        message.Words[0] = (ulong)what;
        message.Words[1] = generation;
        if (ServerName.TryWrite(ref message, Encoding.UTF8.GetBytes(peer)))
            Supervisor.Call(ref message);
    }

    private static string[] ReadStrings(MappedMemory memory, uint offset, uint count)
    {
        if (count > memory.Length / sizeof(uint))
            throw new InvalidDataException("start table: too many strings");
        var strings = new string[count];
        for (uint index = 0; index < count; index++)
            strings[index] = ReadString(memory, memory.Read<uint>(offset + index * sizeof(uint)));
        return strings;
    }

    private static string ReadString(MappedMemory memory, uint offset)
    {
        if (offset >= memory.Length)
            throw new InvalidDataException("start table: string outside");
        Span<byte> rest = memory.Span(offset, (int)(memory.Length - offset));
        int end = rest.IndexOf((byte)0);
        return end >= 0 ? Encoding.UTF8.GetString(rest[..end]) : throw new InvalidDataException("start table: string without end");
    }
}

using MessagePack;

namespace Libsys.Hosting.Manifest;

/// <summary>
/// Which servers run, with which authority and limits: the boot archive's system entry "manifest", written by the image tool, read by the supervisor.
/// MessagePack: an array of version, cache and servers; each record is an array of its properties in the order of declaration.
/// </summary>
/// <param name="Servers">In start order: each server stands behind all that it depends on.</param>
public sealed record BootManifest(IReadOnlyList<ServerDescription> Servers)
{
    /// <summary>Memory that pages of files may take.</summary>
    public CacheLimit Cache { get; init; } = CacheLimit.Default;

    /// <summary>Name of the entry in the boot archive.</summary>
    public const string EntryName = "manifest";

    /// <summary>Version of the layout. A reader takes exactly the version that it knows.</summary>
    public const int Version = 6;

    /// <summary>Most servers in a manifest; bounds what a damaged manifest can make a reader allocate.</summary>
    public const int MostServers = 256;

    /// <summary>Writes the manifest.</summary>
    public void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(3);
        writer.Write(Version);
        Cache.Write(ref writer);
        writer.WriteArrayHeader(Servers.Count);
        foreach (ServerDescription server in Servers)
            server.Write(ref writer);
        writer.Flush();
    }

    /// <summary>Reads a manifest and checks it.</summary>
    /// <exception cref="ManifestException">
    /// It is damaged, of another version, a server stands before one that it depends on, or two have what only one may have.
    /// </exception>
    public static BootManifest Read(ReadOnlyMemory<byte> manifest)
    {
        try
        {
            var reader = new MessagePackReader(manifest);
            ManifestFormat.ExpectArray(ref reader, 3, "manifest");
            int version = reader.ReadInt32();
            if (version != Version)
                throw new ManifestException($"version {version} instead of {Version}");
            CacheLimit cache = CacheLimit.Read(ref reader);
            int count = ManifestFormat.ReadCount(ref reader, MostServers, "servers");
            var servers = new List<ServerDescription>(count);
            for (int index = 0; index < count; index++)
                servers.Add(ServerDescription.Read(ref reader));
            if (!reader.End)
                throw new ManifestException("bytes behind the last server");
            CheckOrder(servers);
            CheckGrants(servers);
            return new BootManifest(servers) { Cache = cache };
        }
        catch (Exception error) when (error is MessagePackSerializationException or EndOfStreamException or OverflowException)
        {
            throw new ManifestException(error.Message);
        }
    }

    // vfs believes whoever has it what processes there are; two would contradict each other.
    private static void CheckGrants(List<ServerDescription> servers)
    {
        string[] makers = [.. servers.Where(server => server.Grants.HasFlag(Grant.Programs)).Select(server => server.Name)];
        if (makers.Length > 1)
            throw new ManifestException($"{makers[0]} and {makers[1]} are both granted programs, which only one may have");
    }

    private static void CheckOrder(List<ServerDescription> servers)
    {
        var started = new HashSet<string>(StringComparer.Ordinal);
        foreach (ServerDescription server in servers)
        {
            foreach (string dependency in server.DependsOn)
            {
                if (!started.Contains(dependency))
                    throw new ManifestException($"{server.Name} stands before {dependency}, which it depends on");
            }

            if (!started.Add(server.Name))
                throw new ManifestException($"{server.Name} occurs twice");
        }
    }
}

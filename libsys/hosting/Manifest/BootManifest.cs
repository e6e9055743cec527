using MessagePack;

namespace Libsys.Hosting.Manifest;

/// <summary>
/// Which servers run, with which authority and limits: the boot archive's system entry "manifest", written by the image tool, read by the supervisor.
/// MessagePack: an array of version and servers; each record is an array of its properties in the order of declaration.
/// </summary>
/// <param name="Servers">In start order: each server stands behind all that it depends on.</param>
public sealed record BootManifest(IReadOnlyList<ServerDescription> Servers)
{
    /// <summary>Name of the entry in the boot archive.</summary>
    public const string EntryName = "manifest";

    /// <summary>Version of the layout. A reader takes exactly the version that it knows.</summary>
    public const int Version = 5;

    /// <summary>Most servers in a manifest; bounds what a damaged manifest can make a reader allocate.</summary>
    public const int MostServers = 256;

    /// <summary>Writes the manifest.</summary>
    public void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(2);
        writer.Write(Version);
        writer.WriteArrayHeader(Servers.Count);
        foreach (ServerDescription server in Servers)
            server.Write(ref writer);
        writer.Flush();
    }

    /// <summary>Reads a manifest and checks it.</summary>
    /// <exception cref="ManifestException">It is damaged, of another version, or a server stands before one that it depends on.</exception>
    public static BootManifest Read(ReadOnlyMemory<byte> manifest)
    {
        try
        {
            var reader = new MessagePackReader(manifest);
            ManifestFormat.ExpectArray(ref reader, 2, "manifest");
            int version = reader.ReadInt32();
            if (version != Version)
                throw new ManifestException($"version {version} instead of {Version}");
            int count = ManifestFormat.ReadCount(ref reader, MostServers, "servers");
            var servers = new List<ServerDescription>(count);
            for (int index = 0; index < count; index++)
                servers.Add(ServerDescription.Read(ref reader));
            if (!reader.End)
                throw new ManifestException("bytes behind the last server");
            CheckOrder(servers);
            return new BootManifest(servers);
        }
        catch (Exception error) when (error is MessagePackSerializationException or EndOfStreamException or OverflowException)
        {
            throw new ManifestException(error.Message);
        }
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

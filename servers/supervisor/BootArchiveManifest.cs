using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Manifest;

namespace Servers.Supervisor;

/// <summary>Finds the manifest in the boot archive.</summary>
internal static class BootArchiveManifest
{
    /// <summary>The manifest.</summary>
    /// <exception cref="InvalidDataException">The archive has none, or a server's program is not in it.</exception>
    /// <exception cref="ManifestException">It is damaged.</exception>
    public static BootManifest Read()
    {
        // The personality that loaded this program has checked the whole archive.
        MappedMemory memory = FixedMemory.BootArchive;
        var archive = new BootArchiveReader(memory.Span(0, (int)memory.Length));
        int entry = Find(archive, BootManifest.EntryName);
        if (entry < 0)
            throw new InvalidDataException("the boot archive has no entry \"" + BootManifest.EntryName + "\"");
        BootManifest manifest = BootManifest.Read(archive.Data(entry).ToArray());
        foreach (ServerDescription server in manifest.Servers)
        {
            if (Find(archive, server.ArchiveEntry) < 0)
                throw new InvalidDataException($"the boot archive has no program \"{server.ArchiveEntry}\" for server {server.Name}");
        }

        return manifest;
    }

    /// <summary>True if this boot runs one command instead of an interactive shell (see image/Root/base/init).</summary>
    public static bool HasCommand()
    {
        MappedMemory memory = FixedMemory.BootArchive;
        return new BootArchiveReader(memory.Span(0, (int)memory.Length)).Find("run/session/command"u8, system: false) >= 0;
    }

    private static int Find(BootArchiveReader archive, string name) => archive.Find(System.Text.Encoding.UTF8.GetBytes(name), system: true);
}

using System.Buffers.Binary;
using System.Globalization;
using Libsys.Messages;
using Servers.Vfs.Generated;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Proc;

/// <summary>
/// /proc/PID/fd: a link for each descriptor. Which descriptors there are is what the process itself publishes; what they refer to is known here, so a lie
/// shows the liar's own files at most.
/// </summary>
internal sealed class DescriptorDirectory(ProcFileSystem fileSystem, ulong number, uint pid, ProcessDirectory owner)
    : GeneratedDirectory(fileSystem, number, 0x140, fileSystem.Sources.Clock.Wall)
{
    private const uint FirstNumber = 0x2000;

    /// <inheritdoc/>
    public override List<GeneratedName> List()
    {
        var list = new List<GeneratedName>();
        for (uint descriptor = 0; descriptor < VfsLimits.DescriptorTableEntries; descriptor++)
        {
            if (Find(descriptor) != null)
                list.Add(new GeneratedName(descriptor.ToString(CultureInfo.InvariantCulture), InodeMode.SymbolicLink,
                ProcFileSystem.NumberOf(pid, FirstNumber + descriptor)));
        }

        return list;
    }

    /// <inheritdoc/>
    public override Errno Lookup(OperationContext context, Dentry self, ReadOnlySpan<byte> name, out Dentry? child)
    {
        const uint readable = 0x140, writable = 0xC0, search = 0x40;
        child = null;
        if (!ProcRootDirectory.TryParseNumber(name, out uint descriptor) || Find(descriptor) is not { } file)
            return Errno.ENOENT;
        uint access = (file.CanRead ? readable : search) | (file.CanWrite ? writable : search);
        FindPlace find = (ClientProcess reader, out Location place) => TryPlace(reader, descriptor, out place);
        var link = new GeneratedLink(
            fileSystem, ProcFileSystem.NumberOf(pid, FirstNumber + descriptor), fileSystem.Sources.Clock.Wall,
            reader => TryPlace(reader, descriptor, out Location place) == Errno.None ? PathText.Of(place, reader.Context.Root) : null, find)
        {
            Permissions = access, Owner = Owner, ShownSize = 64,
        };
        child = new Dentry(self, name.ToArray(), link);
        return Errno.None;
    }

    private Errno TryPlace(ClientProcess reader, uint descriptor, out Location place)
    {
        place = default;
        if (!owner.MayLook(reader))
            return Errno.EACCES;
        if (Find(descriptor) is not { } file)
            return Errno.ENOENT;
        place = file.Location;
        return Errno.None;
    }

    private OpenFile? Find(uint descriptor)
    {
        ProcSources sources = fileSystem.Sources;
        if (descriptor >= VfsLimits.DescriptorTableEntries || sources.Table.Find(pid) is not { } entry)
            return null;
        if (!sources.Registry.Processes.TryGetValue(pid, out ClientProcess? process)
            || !sources.Registry.Connections.TryGetValue(entry.ConnectionId, out AttachedSpace? connection))
            return null;
        Span<byte> table = connection.Channel.DescriptorTable;
        if (table.IsEmpty)
            return null;
        uint published = BinaryPrimitives.ReadUInt16LittleEndian(table[(int)(descriptor * sizeof(ushort))..]);
        return published == 0 ? null : process.Handles.Find(published - 1);
    }
}

using System.Text;
using Libsys.Abi;
using Libsys.Hosting;
using Servers.Vfs.Proc;

namespace Servers.Vfs.Hosting;

/// <summary>Names of the boot archive's pages, for /proc/PID/maps: most of what programs map comes from there.</summary>
internal sealed class ArchiveNames : IMappedNames
{
    private readonly ulong identity;
    private readonly List<(ulong Start, ulong End, int Entry, ulong Inode)> files = [];
    private readonly MappedMemory archive;

    /// <summary>Names of the files in <paramref name="archive"/>, which was checked.</summary>
    public ArchiveNames(MappedMemory archive)
    {
        this.archive = archive;

        // What the kernel calls the object is what it says about our own mapping of it.
        if (AddressSpaceHandle.Self.TryQuery(Window.BootArchive, out RegionState region) == KernelStatus.Ok)
            identity = region.ObjectIdentity;
        var reader = new BootArchiveReader(archive.Span(0, (int)archive.Length));
        ulong inode = 1; // the root's; the loader numbers what it makes in the order of the entries
        for (int index = 0; index < reader.Count; index++)
        {
            if (reader.IsSystem(index) || reader.DataEntry(index) != index)
                continue;
            inode++;
            bool hasPages = (reader.Mode(index) & BootArchive.TypeMask) == BootArchive.RegularFile && reader.DataLength(index) > 0;
            if (hasPages)
                files.Add(((ulong)reader.DataOffset(index), (ulong)(reader.DataOffset(index) + reader.DataLength(index)), index, inode));
        }

        files.Sort();
    }

    /// <inheritdoc/>
    public string? Find(ulong memoryObject, ulong offset, out ulong fileStart, out ulong inode)
    {
        fileStart = 0;
        inode = 0;
        if (identity == 0 || memoryObject != identity)
            return null;
        int place = files.FindLastIndex(file => file.Start <= offset);
        if (place < 0 || offset >= files[place].End)
            return null;
        fileStart = files[place].Start;
        inode = files[place].Inode;
        return "/" + Encoding.UTF8.GetString(new BootArchiveReader(archive.Span(0, (int)archive.Length)).Name(files[place].Entry));
    }
}

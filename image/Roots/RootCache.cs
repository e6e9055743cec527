using System.IO.Hashing;
using System.Text;
using Libsys.Abi;
using Microkernel.Image.Root;

namespace Microkernel.Image.Roots;

/// <summary>
/// Root file systems that were built, each a boot archive without system entries below .build/roots, named by the hash of what it was made from. It is
/// built once; a run reads its entries and copies the files' bytes from there.
/// </summary>
internal static class RootCache
{
    // Changes when equal inputs make another root.
    private const string Rules = "rules 1";

    // Each may have a gigabyte.
    private const int Kept = 8;

    /// <summary>The tree of a source, built if it is not there yet, and the file that its files lie in.</summary>
    /// <exception cref="ImageException">It cannot be built.</exception>
    public static (RootTree Tree, RootImage Image) Load(RepositoryLayout repository, RootSource source, Action<string> note)
    {
        var hash = new XxHash128();
        hash.Append(Encoding.UTF8.GetBytes($"{Rules}\n{BootArchive.Version}\n"));
        source.AddInputs(hash);
        Directory.CreateDirectory(repository.Roots);
        string archive = Path.Combine(repository.Roots, Convert.ToHexString(hash.GetCurrentHash()).ToLowerInvariant() + ".archive");
        if (!File.Exists(archive))
        {
            note($"making the root file system of {source.Description}");
            Build(repository, source, archive, note);
        }

        File.SetLastWriteTimeUtc(archive, DateTime.UtcNow);
        return Read(archive);
    }

    private static void Build(RepositoryLayout repository, RootSource source, string archive, Action<string> note)
    {
        // Another run may build the same: each has files of its own, and the last one to be finished stays.
        string scratch = Directory.CreateDirectory(Path.Combine(repository.Roots, $"{Environment.ProcessId}-{Guid.NewGuid():N}")).FullName;
        try
        {
            var tree = new RootTree();
            using (var contents = new FileStream(Path.Combine(scratch, "contents"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite,
                bufferSize: 0))
            {
                source.AddTo(tree, contents);
                string made = Path.Combine(scratch, "archive");
                using (var stream = new FileStream(made, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 20))
                    BootArchiveWriter.Write(tree.Entries, stream);
                File.Move(made, archive, overwrite: true);
            }

            tree.LeftOut.ForEach(note);
            foreach (FileInfo old in new DirectoryInfo(repository.Roots).GetFiles("*.archive").OrderByDescending(file => file.LastWriteTimeUtc).Skip(Kept))
                old.Delete();
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static (RootTree Tree, RootImage Image) Read(string file)
    {
        using FileStream stream = File.OpenRead(file);
        byte[] header = new byte[BootArchive.HeaderSize];
        stream.ReadExactly(header);
        long length = BitConverter.ToInt64(header, 24) + BitConverter.ToInt64(header, 32);
        byte[] metadata = new byte[Math.Clamp(length, BootArchive.HeaderSize, stream.Length)];
        stream.Position = 0;
        stream.ReadExactly(metadata);
        BootArchiveStatus status = BootArchiveReader.CheckMetadata(metadata, stream.Length);
        if (status != BootArchiveStatus.Valid)
            throw new ImageException($"{file} is damaged ({status}); remove it and it is built again");

        var tree = new RootTree();
        var reader = new BootArchiveReader(metadata);
        var paths = new string[reader.Count];
        for (int index = 0; index < reader.Count; index++)
        {
            paths[index] = Encoding.UTF8.GetString(reader.Name(index));
            int holder = reader.DataEntry(index);
            tree.Put(paths[index], holder != index ? tree.Find(paths[holder])! : Entry(reader, index, paths[index], file));
        }

        return (tree, new RootImage(file, stream.Length, BitConverter.ToUInt64(metadata, BootArchive.HashOffset)));
    }

    private static RootEntry Entry(BootArchiveReader reader, int index, string path, string file)
    {
        bool isFile = (reader.Mode(index) & BootArchive.TypeMask) == BootArchive.RegularFile;
        RootContent content = isFile ? RootContent.Range(file, reader.DataOffset(index), reader.DataLength(index)) : reader.Data(index).ToArray();
        return new RootEntry(path, reader.Mode(index), content, DeviceNumber.Decode(reader.Device(index)))
        {
            UserId = reader.UserId(index),
            GroupId = reader.GroupId(index),
            ModifiedSeconds = reader.ModifiedSeconds(index),
            Attributes = reader.Attributes(index).ToArray(),
        };
    }
}

using System.Buffers.Binary;
using System.Text.RegularExpressions;
using Microkernel.Image.Root;
using Microkernel.Image.Run;

namespace Microkernel.Image.Roots;

/// <summary>What a value of ROOT says of a root file system on a disk: <c>[SOURCE,]ext4[=FILE]</c>, or the name of a file that holds an ext4.</summary>
/// <param name="Source">What it is made from, a value of ROOT; null: the project's own small root, or nothing if the file is there.</param>
/// <param name="File">The user's own file, which keeps what is written; null: what is written goes with the run.</param>
internal sealed partial record DiskRoot(string? Source, string? File)
{
    private const int SuperBlockOffset = 1024, SuperBlockLength = 1024, MagicOffset = 0x38;
    private const ushort Magic = 0xEF53;

    /// <summary>True if the value names a root on a disk.</summary>
    public static bool TryParse(RepositoryLayout repository, string value, out DiskRoot root)
    {
        root = new DiskRoot(null, null);
        if (System.IO.File.Exists(Path.Combine(repository.Configurations, value + ".root")))
            return false;
        if (Form().Match(value) is { Success: true } match)
        {
            string? Part(string name) => match.Groups[name] is { Success: true, Value: string text } ? text : null;
            root = new DiskRoot(Part("source"), Part("file") is string file ? Path.GetFullPath(file) : null);
            return true;
        }

        root = new DiskRoot(null, Path.GetFullPath(value));
        return System.IO.File.Exists(root.File) && HoldsExt4(root.File!);
    }

    /// <summary>The disk, made if it is not there yet.</summary>
    /// <exception cref="ImageException">It cannot be made, or the file is none.</exception>
    public DiskFile Prepare(RepositoryLayout repository, Action<string> note)
    {
        if (File is not null && System.IO.File.Exists(File))
        {
            return HoldsExt4(File) ? DiskFile.Parse(File)
                : throw new ImageException($"{File} holds no ext4; a root on a disk is the file system on the whole disk, without partitions");
        }

        RootTree? tree = Source is null ? null : RootCache.Load(repository, RootSource.Find(repository, Source), note).Tree;
        string made = DiskImageCache.Load(repository, RootFileSystem.BuildForDisk(repository, tree), Source ?? "the small root", note);
        if (File is null)
            return DiskFile.Parse(made) with { IsTemporary = true };
        // Under another name first: a copy that was cut off is no root.
        string partial = $"{File}.{Environment.ProcessId}.partial";
        HostCommand.Output("cp", "--sparse=always", "--", made, partial);
        System.IO.File.Move(partial, File, overwrite: false);
        return DiskFile.Parse(File);
    }

    // Layout of the superblock: the Linux kernel's documentation, "ext4 Data Structures and Algorithms". The magic number alone might be a tar file's bytes.
    private static bool HoldsExt4(string file)
    {
        byte[] bytes = new byte[SuperBlockOffset + SuperBlockLength];
        using FileStream stream = System.IO.File.OpenRead(file);
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            return false;
        ReadOnlySpan<byte> super = bytes.AsSpan(SuperBlockOffset);
        uint blocks = BinaryPrimitives.ReadUInt32LittleEndian(super[4..]), blockBits = BinaryPrimitives.ReadUInt32LittleEndian(super[0x18..]);
        return BinaryPrimitives.ReadUInt16LittleEndian(super[MagicOffset..]) == Magic && blockBits <= 6 && blocks > 0
            && (ulong)blocks << (int)(blockBits + 10) <= (ulong)stream.Length;
    }

    [GeneratedRegex("^(?:(?<source>.+?),)?ext4(?:=(?<file>.+))?$")]
    private static partial Regex Form();
}

using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using Microkernel.Image.Root;

namespace Microkernel.Image.Roots;

/// <summary>What ROOT names: where a root file system comes from, and what tells one from another.</summary>
internal abstract class RootSource
{
    /// <summary>Finds out what a value of ROOT means: a list of packages in image/configs, else a directory or a tar file.</summary>
    /// <exception cref="ImageException">It is none of these.</exception>
    public static RootSource Find(RepositoryLayout repository, string value)
    {
        string list = Path.Combine(repository.Configurations, value + ".root");
        if (!value.Contains('/') && File.Exists(list))
            return new DebianRoot(repository, list);
        if (Directory.Exists(value))
            return new DirectoryRoot(Path.GetFullPath(value));
        if (File.Exists(value))
            return new TarRoot(Path.GetFullPath(value));
        IEnumerable<string> known =
            Directory.EnumerateFiles(repository.Configurations, "*.root").Select(file => Path.GetFileNameWithoutExtension(file)).Order();
        throw new ImageException($"ROOT={value} is neither a directory nor a tar file, nor one of: {string.Join(", ", known)}");
    }

    /// <summary>What is built, for messages.</summary>
    public abstract string Description { get; }

    /// <summary>Everything that the result depends on goes into <paramref name="hash"/>.</summary>
    public abstract void AddInputs(XxHash128 hash);

    /// <summary>Adds the files.</summary>
    /// <param name="tree">Where to.</param>
    /// <param name="contents">Takes the content of files.</param>
    public abstract void AddTo(RootTree tree, FileStream contents);
}

/// <summary>A tar file, which may be compressed by gzip, xz or zstd.</summary>
internal sealed class TarRoot(string file) : RootSource
{
    public override string Description => file;

    public override void AddInputs(XxHash128 hash)
    {
        using FileStream stream = Open();
        hash.Append("tar"u8);
        hash.Append(stream);
    }

    public override void AddTo(RootTree tree, FileStream contents)
    {
        using FileStream stream = Open();
        byte[] magic = new byte[6];
        int length = stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        ReadOnlySpan<byte> start = magic.AsSpan(0, length);
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]))
            TarReader.AddTo(tree, new GZipStream(stream, CompressionMode.Decompress), contents);
        else if (start.SequenceEqual((ReadOnlySpan<byte>)[0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]))
            HostCommand.Read("xz", ["-dc", "--", file], pipe => TarReader.AddTo(tree, pipe, contents));
        else if (start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]))
            HostCommand.Read("zstd", ["-dcq", "--", file], pipe => TarReader.AddTo(tree, pipe, contents));
        else
            TarReader.AddTo(tree, stream, contents);
    }

    private FileStream Open()
    {
        try
        {
            return File.OpenRead(file);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new ImageException($"ROOT={file} cannot be read: {error.Message}");
        }
    }
}

/// <summary>
/// A directory of the build machine, as debootstrap makes it. Owners are those on the host; GNU tar reads it, which knows extended attributes.
/// </summary>
internal sealed class DirectoryRoot(string directory) : RootSource
{
    public override string Description => directory;

    // Not the content, which would have to be read on every run: whoever changes content changes the time of change, which nobody can set (ctime, inode(7)).
    public override void AddInputs(XxHash128 hash)
    {
        string[] names = HostCommand.Output("find", directory, "-printf", "%P\\t%y %m %U %G %s %n %D:%i %T@ %C@ %l\\0").Split('\0');
        Array.Sort(names, StringComparer.Ordinal);
        hash.Append("directory"u8);
        hash.Append(Encoding.UTF8.GetBytes(string.Join('\0', names)));
    }

    public override void AddTo(RootTree tree, FileStream contents)
    {
        HostCommand.Read("tar", [.. TarArguments(directory), "."], pipe => TarReader.AddTo(tree, pipe, contents));
        foreach (string socket in HostCommand.Output("find", directory, "-type", "s", "-printf", "%P\\0").Split('\0', StringSplitOptions.RemoveEmptyEntries))
            tree.LeftOut.Add($"ROOT={directory}: {socket} is a socket and is left out");
    }

    /// <summary>How GNU tar writes a directory with all that a root keeps. It says nothing of sockets, which it leaves out.</summary>
    internal static string[] TarArguments(string directory) =>
        ["--create", "--format=pax", "--xattrs", "--xattrs-include=*", "--numeric-owner", "--sort=name", "--warning=no-file-ignored", "--directory", directory];
}

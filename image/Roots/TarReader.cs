using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Libsys.Abi;
using Microkernel.Image.Root;

namespace Microkernel.Image.Roots;

/// <summary>
/// Reads a tar archive into a tree: ustar and pax (POSIX.1-2017, pax) with GNU's long names and large numbers. Owners, modes, times, hard links, devices, fifos
/// and extended attributes are kept. The framework's own reader takes the values of extended attributes for text, which capabilities are not.
/// </summary>
internal sealed class TarReader
{
    private const int BlockLength = 512;

    // As GNU tar, bsdtar and Docker store extended attributes in pax headers.
    private const string AttributePrefix = "SCHILY.xattr.";

    // A header of names and attributes; 64 attributes of the largest size fit.
    private const long LongestHeader = 8 << 20;

    private readonly RootTree tree;
    private readonly Stream tar;
    private readonly FileStream? contents;
    private readonly byte[] block = new byte[BlockLength];
    private readonly Dictionary<string, byte[]> pax = [];

    private TarReader(RootTree tree, Stream tar, FileStream? contents) => (this.tree, this.tar, this.contents) = (tree, tar, contents);

    /// <summary>Adds all entries.</summary>
    /// <param name="tree">Where to.</param>
    /// <param name="tar">The archive, from its start; it may be a pipe.</param>
    /// <param name="contents">Takes the content of the files; must stay as long as the tree is used.</param>
    /// <exception cref="ImageException">The archive is damaged, or holds what no root file system has.</exception>
    public static void AddTo(RootTree tree, Stream tar, FileStream contents)
    {
        try
        {
            new TarReader(tree, tar, contents).Read();
        }
        catch (EndOfStreamException)
        {
            throw new ImageException("the tar archive is cut off");
        }
    }

    /// <summary>The extended attributes of all that has some, by path, from an archive whose content is passed over.</summary>
    public static Dictionary<string, ReadOnlyMemory<byte>> ReadAttributes(Stream tar)
    {
        var tree = new RootTree();
        new TarReader(tree, tar, null).Read();
        return tree.Entries.Where(entry => !entry.Attributes.IsEmpty).ToDictionary(entry => entry.Path, entry => entry.Attributes);
    }

    private void Read()
    {
        // It ends with a block of zeros. Some writers leave that out, but nobody writes nothing, or part of a block.
        for (bool isFirst = true; ReadBlock(isFirst); isFirst = false)
        {
            CheckSum();
            long length = pax.TryGetValue("size", out byte[]? size) ? long.Parse(Text(size), CultureInfo.InvariantCulture) : Number(124, 12);
            char type = (char)block[156];
            if (type is 'x' or 'L' or 'K')
                ReadHeader(type, length);
            else if (type == 'g')
                Skip(Padded(length));
            else
            {
                Add(type, length);
                pax.Clear();
            }
        }

        // What writes into a pipe wants to be read to its end.
        tar.CopyTo(Stream.Null);
    }

    private bool ReadBlock(bool isFirst)
    {
        int count = tar.ReadAtLeast(block, BlockLength, throwOnEndOfStream: false);
        if (count < BlockLength && (isFirst || count > 0))
            throw isFirst ? new ImageException("this is not a tar archive") : new EndOfStreamException();
        return count == BlockLength && block.AsSpan().ContainsAnyExcept((byte)0);
    }

    private void ReadHeader(char type, long length)
    {
        if (length > LongestHeader)
            throw new ImageException("the tar archive has a header of an impossible length");
        byte[] data = new byte[length];
        tar.ReadExactly(data);
        Skip(Padded(length) - length);
        if (type != 'x')
        {
            pax[type == 'L' ? "path" : "linkpath"] = data.AsSpan().TrimEnd((byte)0).ToArray();
            return;
        }

        // Each record: its length in decimal, a space, key=value and a newline.
        for (ReadOnlySpan<byte> rest = data; !rest.IsEmpty;)
        {
            int space = rest.IndexOf((byte)' ');
            if (space < 0 || !int.TryParse(rest[..space], NumberStyles.None, CultureInfo.InvariantCulture, out int record) || record > rest.Length
                || record <= space + 1)
                throw new ImageException("the tar archive has a damaged pax header");
            ReadOnlySpan<byte> pair = rest[(space + 1)..(record - 1)];
            int equals = pair.IndexOf((byte)'=');
            if (equals > 0)
                pax[Text(pair[..equals])] = pair[(equals + 1)..].ToArray();
            rest = rest[record..];
        }
    }

    private void Add(char type, long length)
    {
        string path = Name(pax.TryGetValue("path", out byte[]? longPath) ? longPath : UstarPath());
        bool hasContent = type is '0' or '\0' or '7';
        if (!hasContent)
            Skip(Padded(length));
        if (path.Length == 0)
            return; // the root directory itself
        if (type == 'S' || pax.Keys.Any(key => key.StartsWith("GNU.sparse.", StringComparison.Ordinal)))
            throw new ImageException($"{path} is stored as a sparse file, which is not understood; make the archive without --sparse");

        byte[] link = pax.TryGetValue("linkpath", out byte[]? longLink) ? longLink : Field(157, 100);
        uint permissions = (uint)Number(100, 8) & 0xfff;
        RootEntry entry = type switch
        {
            '1' => new RootEntry(path, 0, default, HardLinkTo: Name(link)),
            '2' => new RootEntry(path, BootArchive.SymbolicLink | 0x1ff, link),
            '3' => new RootEntry(path, BootArchive.CharacterDevice | permissions, default, Device()),
            '4' => new RootEntry(path, BootArchive.BlockDevice | permissions, default, Device()),
            '5' => new RootEntry(path, BootArchive.Directory | permissions, default),
            '6' => new RootEntry(path, BootArchive.Fifo | permissions, default),
            _ when hasContent && !path.EndsWith('/') => new RootEntry(path, BootArchive.RegularFile | permissions, Content(length)),
            _ => throw new ImageException($"{path} is of a type that is not understood ({type})"),
        };
        tree.Add(entry with
        {
            UserId = (uint)PaxNumber("uid", 108, 8),
            GroupId = (uint)PaxNumber("gid", 116, 8),
            ModifiedSeconds = (ulong)Math.Max(0, PaxNumber("mtime", 136, 12)),
            Attributes = Attributes(),
        });
    }

    private RootContent Content(long length)
    {
        if (contents is null)
        {
            Skip(Padded(length));
            return default;
        }

        long start = contents.Position;
        byte[] buffer = new byte[1 << 16];
        for (long left = length; left > 0;)
        {
            int count = tar.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (count == 0)
                throw new EndOfStreamException();
            contents.WriteSparse(buffer.AsSpan(0, count));
            left -= count;
        }

        Skip(Padded(length) - length);
        return RootContent.Range(contents.Name, start, length);
    }

    // In the boot archive's form and order. What the host's own security module keeps there means nothing elsewhere.
    private ReadOnlyMemory<byte> Attributes()
    {
        var bytes = new MemoryStream();
        IEnumerable<(byte[] Name, byte[] Value)> found = pax.Where(pair => pair.Key.StartsWith(AttributePrefix, StringComparison.Ordinal))
            .Select(pair => (Encoding.UTF8.GetBytes(pair.Key[AttributePrefix.Length..]), pair.Value));
        foreach ((byte[] name, byte[] value) in found.OrderBy(pair => Convert.ToHexString(pair.Name), StringComparer.Ordinal))
        {
            if (name.AsSpan().SequenceEqual("security.selinux"u8))
                continue;
            bytes.WriteByte((byte)name.Length);
            byte[] length = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(length, value.Length);
            bytes.Write(length);
            bytes.Write(name);
            bytes.Write(value);
        }

        return bytes.ToArray();
    }

    private byte[] UstarPath()
    {
        byte[] prefix = block.AsSpan(257, 6).SequenceEqual("ustar\0"u8) ? Field(345, 155) : [];
        return prefix.Length == 0 ? Field(0, 100) : [.. prefix, (byte)'/', .. Field(0, 100)];
    }

    private static string Name(byte[] bytes)
    {
        string name = string.Join('/', Text(bytes).Split('/').Where(part => part is not ("" or ".")));
        return name.Contains('\ufffd') ? throw new ImageException($"the name {name} is not UTF-8") : name;
    }

    private DeviceNumber Device() => new((uint)Number(329, 8), (uint)Number(337, 8));

    private long PaxNumber(string key, int offset, int length) =>
        pax.TryGetValue(key, out byte[]? value) ? (long)Math.Floor(decimal.Parse(Text(value), CultureInfo.InvariantCulture)) : Number(offset, length);

    // Octal digits; or, where they do not suffice, GNU's big-endian number behind a byte with the top bit.
    private long Number(int offset, int length)
    {
        ReadOnlySpan<byte> field = block.AsSpan(offset, length);
        long number = 0;
        if ((field[0] & 0x80) != 0)
        {
            foreach (byte value in field[^8..])
                number = (number << 8) | value;
            return number;
        }

        foreach (byte digit in field.Trim(" \0"u8))
            number = digit is >= (byte)'0' and <= (byte)'7' ? number * 8 + (digit - '0') : throw new ImageException("the tar archive has a damaged number");
        return number;
    }

    private void CheckSum()
    {
        long expected = Number(148, 8);
        long sum = 8 * ' ';
        for (int position = 0; position < BlockLength; position++)
            sum += position is >= 148 and < 156 ? 0 : block[position];
        if (sum != expected)
            throw new ImageException("this is not a tar archive, or it is damaged");
    }

    private byte[] Field(int offset, int length)
    {
        ReadOnlySpan<byte> field = block.AsSpan(offset, length);
        int end = field.IndexOf((byte)0);
        return (end < 0 ? field : field[..end]).ToArray();
    }

    private void Skip(long length)
    {
        byte[] buffer = new byte[(int)Math.Min(length, 1 << 16)];
        for (; length > 0; length -= Math.Min(length, buffer.Length))
            tar.ReadExactly(buffer, 0, (int)Math.Min(length, buffer.Length));
    }

    private static long Padded(long length) => (length + BlockLength - 1) / BlockLength * BlockLength;

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}

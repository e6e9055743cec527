using Servers.Vfs.Objects;

namespace Servers.Vfs.Iso9660;

/// <summary>A run of blocks that holds a part of a file.</summary>
/// <param name="Block">First block.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct IsoSection(long Block, uint Length);

/// <summary>A name of a directory: one record, or one for each section of the file.</summary>
/// <param name="Record">The first record, in which everything but further sections is.</param>
/// <param name="Last">The last one.</param>
/// <param name="Sections">Where its bytes lie.</param>
/// <param name="Next">Position in the directory behind it.</param>
internal sealed record IsoEntry(DirectoryRecord Record, DirectoryRecord Last, List<IsoSection> Sections, long Next)
{
    /// <summary>The name that programs see, and what Rock Ridge says besides; an empty name: it is not shown.</summary>
    public Errno Describe(OperationContext context, IsoFileSystem fileSystem, out byte[] name, out RockRidge? rock)
    {
        (name, rock) = ([], null);
        IsoOptions options = fileSystem.Options;
        if (Record.IsSelfOrParent || (options.Hides && Record.IsHidden) || (!options.ShowsAssociated && Record.IsAssociated))
            return Errno.None;
        if (fileSystem.Skip is { } skip)
        {
            Errno error = RockRidge.Read(context, fileSystem, Record, skip, out rock);
            if (error != Errno.None)
                return error;
            if (rock.IsRelocated)
                return Errno.None;
        }

        name = rock?.Name ?? IsoNames.Of(Record.Name, fileSystem.IsJoliet, options);
        if (!IsoNames.IsName(name))
            name = [];
        return Errno.None;
    }
}

/// <summary>Walks through the records of a directory, whose place and length have been checked.</summary>
internal sealed class IsoEntries(OperationContext context, IsoFileSystem fileSystem, long extent, long length)
{
    // As many as Linux follows.
    private const int MostSections = 100;

    // Read at once: directories are looked through from their beginning.
    private const int PieceLength = 1 << 15;

    private byte[] piece = [];
    private long pieceStart;

    /// <summary>Where it is in the directory.</summary>
    public long Position { get; set; }

    /// <summary>The next name; null: there is none.</summary>
    public Errno Next(out IsoEntry? entry)
    {
        entry = null;
        Errno error = NextRecord(out DirectoryRecord? record);
        if (error != Errno.None || record == null)
            return error;
        var sections = new List<IsoSection> { new(record.Extent, LengthOf(record)) };
        DirectoryRecord last = record;
        while (last.HasMore)
        {
            error = NextRecord(out DirectoryRecord? more);
            if (error == Errno.None && (more == null || sections.Count == MostSections))
                error = fileSystem.Complain($"block {record.Block}: a file of wrong sections");
            if (error != Errno.None)
                return error;
            // What others follow is a whole number of blocks, ECMA-119 6.4.2.
            if (sections[^1].Length % fileSystem.BlockSize != 0)
                return fileSystem.Complain($"block {record.Block}: a section of a file that ends within a block");
            last = more!;
            sections.Add(new IsoSection(last.Extent, LengthOf(last)));
        }

        entry = new IsoEntry(record, last, sections, Position);
        return Errno.None;
    }

    private uint LengthOf(DirectoryRecord record) => fileSystem.Options.IsCruft ? record.Length & 0xFFFFFF : record.Length;

    private Errno NextRecord(out DirectoryRecord? record)
    {
        record = null;
        while (Position < length)
        {
            Errno error = Fill(1);
            if (error != Errno.None)
                return error;
            int recordLength = piece[Position - pieceStart];
            if (recordLength == 0)
            {
                // The rest of the block is empty.
                Position = (Position | (uint)(fileSystem.BlockSize - 1)) + 1;
                continue;
            }

            if (recordLength > length - Position)
                return fileSystem.Complain($"directory at block {extent}: a record beyond its end");
            error = Fill(recordLength);
            if (error != Errno.None)
                return error;
            byte[] bytes = piece.AsSpan((int)(Position - pieceStart), recordLength).ToArray();
            if (!DirectoryRecord.IsWhole(bytes))
                return fileSystem.Complain($"directory at block {extent}: a damaged record");
            record = new DirectoryRecord(bytes, extent + (Position >> fileSystem.BlockBits), (int)(Position & (fileSystem.BlockSize - 1)));
            Position += recordLength;
            return Errno.None;
        }

        return Errno.None;
    }

    private Errno Fill(int wanted)
    {
        if (Position >= pieceStart && Position + wanted <= pieceStart + piece.Length)
            return Errno.None;
        byte[] next = new byte[(int)Math.Min(PieceLength, length - Position)];
        Errno error = fileSystem.Read(context, (extent << fileSystem.BlockBits) + Position, next);
        if (error == Errno.None)
            (piece, pieceStart) = (next, Position);
        return error;
    }
}

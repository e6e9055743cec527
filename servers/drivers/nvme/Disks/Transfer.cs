using System.Buffers.Binary;
using Libsys.Hosting;
using Libsys.Hosting.Devices.Disks;
using Libsys.Linux;
using Libsys.Messages;
using Libsys.Rings;
using Servers.Drivers.Nvme.Controller;

namespace Servers.Drivers.Nvme.Disks;

/// <summary>
/// A request on its way, as the commands that it becomes: what PRPs cannot express in one (NVMe 1.4 §4.3: only the first page may begin, and only the last may
/// end, within itself), and what is longer than a command may be, becomes several. It ends when all of them have; the first error is its own.
/// </summary>
internal sealed class Transfer
{
    /// <summary>Bytes that a command's list, or range, needs at most: all pages but the first.</summary>
    public const int ListLength = BlockLimits.Segments * sizeof(ulong);

    // Dataset management, §6.7: one range, to be deallocated; the range has attributes, blocks, first block.
    private const ulong Deallocate = 1ul << 2 << 32;
    private const ulong RangeBlocks = 4, RangeStart = 8;

    private const ulong PageMask = NvmeController.PageLength - 1;

    // Status codes, §4.6.1.2: types are the upper byte.
    private const int InvalidOpcode = 0x001, IsWriteProtected = 0x020, WriteToReadOnlyRange = 0x182;

    private readonly (ulong Address, uint Length)[] segments = new (ulong, uint)[BlockLimits.Segments];
    private BlockOperation operation;
    private IBlockClient client = null!;
    private ulong tag, block, left, mostBlocks;
    private uint blockLength, space;
    private int count, next, underWay;
    private long result;

    /// <summary>All of its commands have been made.</summary>
    public bool IsMade { get; private set; }

    /// <summary>Begins with a request that was checked against the disk. 0, or the answer.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="length">Bytes of a block.</param>
    /// <param name="identity">Tells how long a command may be.</param>
    /// <param name="number">Namespace that it is about.</param>
    public long Begin(IBlockClient owner, in Submission request, uint length, ControllerIdentity identity, uint number)
    {
        operation = (BlockOperation)request.Operation;
        bool movesBytes = operation is BlockOperation.Read or BlockOperation.Write;
        ulong sectorsOfBlock = length / BlockLimits.SectorLength;
        space = number;
        (client, tag, blockLength, block, left) = (owner, request.Tag, length, request.A1 / sectorsOfBlock, request.A2 / sectorsOfBlock);
        (count, next, underWay, result, IsMade) = (0, 0, 0, 0, false);
        mostBlocks = operation switch
        {
            BlockOperation.Discard => identity.MostDiscard,
            BlockOperation.WriteZeroes => identity.MostZeroes(length),
            _ => identity.MostBlocksOf(length),
        };
        return !movesBytes || TryReadSegments(owner.Segments(request), request.A2) ? 0 : -Errno.EINVAL;
    }

    /// <summary>Makes the next command.</summary>
    /// <param name="memory">Has <see cref="ListLength"/> bytes for what the command names beside the client's memory.</param>
    /// <param name="at">Where these are, within one page.</param>
    /// <param name="address">Where the controller sees them.</param>
    public Command Next(MappedMemory memory, ulong at, ulong address)
    {
        underWay++;
        switch (operation)
        {
            case BlockOperation.Flush:
                IsMade = true;
                return new Command { Opcode = Opcode.Flush, Namespace = space };
            case BlockOperation.Discard:
                ulong first = Advance(mostBlocks, out ulong blocks);
                memory.WriteUInt32(at, 0);
                memory.WriteUInt32(at + RangeBlocks, (uint)blocks);
                memory.WriteUInt64(at + RangeStart, first);
                return new Command { Opcode = Opcode.DatasetManagement, Namespace = space, Prp1 = address, Dword10 = Deallocate };
            case BlockOperation.WriteZeroes:
                ulong start = Advance(mostBlocks, out ulong zeroes);
                return new Command { Opcode = Opcode.WriteZeroes, Namespace = space, Dword10 = start, Dword12 = (uint)(zeroes - 1) };
            default:
                return Move(memory, at, address);
        }
    }

    /// <summary>One of its commands has ended with a status. True: the request has, and was answered.</summary>
    public bool End(int status)
    {
        if (result == 0)
        {
            result = status switch
            {
                0 => 0,
                InvalidOpcode => -Errno.EOPNOTSUPP,
                IsWriteProtected or WriteToReadOnlyRange => -Errno.EROFS,
                _ => -Errno.EIO,
            };
        }

        // What has failed is not gone on with.
        IsMade |= result != 0;
        if (--underWay > 0 || !IsMade)
            return false;
        client.Complete(tag, result);
        return true;
    }

    private bool TryReadSegments(ReadOnlySpan<byte> bytes, ulong sectors)
    {
        if (bytes.IsEmpty || bytes.Length % BlockLimits.SegmentLength != 0 || bytes.Length > BlockLimits.PieceLength)
            return false;
        ulong sum = 0;
        for (int offset = 0; offset < bytes.Length; offset += BlockLimits.SegmentLength)
        {
            bool isSegment = BlockChecks.TryReadSegment(bytes[offset..], blockLength, out ulong address, out uint length);
            // Each is within a page.
            if (!isSegment || (address & PageMask) + length > NvmeController.PageLength)
                return false;
            segments[count++] = (address, length);
            sum += length;
        }

        return sum == sectors * BlockLimits.SectorLength;
    }

    // Segments as long as they can be one command: a further one begins where the last ends, or both at the bounds of pages.
    private Command Move(MappedMemory memory, ulong at, ulong address)
    {
        ulong most = mostBlocks * blockLength, first = segments[next].Address, end = first, length = 0, second = 0;
        int pages = 0;
        for (; next < count; next++)
        {
            (ulong start, uint bytes) = segments[next];
            bool isSamePage = length > 0 && start == end && (start & PageMask) != 0;
            bool isFurtherPage = length > 0 && ((start | end) & PageMask) == 0;
            if ((length > 0 && !isSamePage && !isFurtherPage) || length + bytes > most)
                break;
            if (isFurtherPage)
            {
                memory.WriteUInt64(at + (ulong)(pages * sizeof(ulong)), start);
                second = pages++ == 0 ? start : address;
            }

            length += bytes;
            end = start + bytes;
        }

        ulong number = Advance(length / blockLength, out ulong blocks);
        return new Command
        {
            Opcode = operation == BlockOperation.Read ? Opcode.Read : Opcode.Write, Namespace = space, Prp1 = first, Prp2 = second, Dword10 = number,
            Dword12 = (uint)(blocks - 1),
        };
    }

    private ulong Advance(ulong most, out ulong blocks)
    {
        blocks = Math.Min(most, left);
        ulong first = block;
        block += blocks;
        left -= blocks;
        IsMade = left == 0;
        return first;
    }
}

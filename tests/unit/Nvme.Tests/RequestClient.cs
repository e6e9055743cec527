using System.Buffers.Binary;
using Libsys.Hosting.Devices.Disks;
using Libsys.Messages;
using Libsys.Rings;

namespace Servers.Drivers.Nvme.Tests;

/// <summary>A client with one request, whose segments it has in its pool.</summary>
internal sealed class RequestClient(params (ulong Address, uint Length)[] segments) : IBlockClient
{
    /// <summary>What it was answered, in order.</summary>
    public List<(ulong Tag, long Result)> Answers { get; } = [];

    /// <summary>A request of its segments.</summary>
    public Submission Request(BlockOperation operation, ulong sector) => new()
    {
        Operation = (ushort)operation, A1 = sector, A2 = segments.Aggregate(0ul, static (sum, one) => sum + one.Length) / BlockLimits.SectorLength, Tag = 7,
    };

    public ReadOnlySpan<byte> Segments(in Submission request)
    {
        byte[] pool = new byte[segments.Length * BlockLimits.SegmentLength];
        for (int number = 0; number < segments.Length; number++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(pool.AsSpan(number * BlockLimits.SegmentLength), segments[number].Address);
            BinaryPrimitives.WriteUInt32LittleEndian(pool.AsSpan(number * BlockLimits.SegmentLength + sizeof(ulong)), segments[number].Length);
        }

        return pool;
    }

    public void Complete(ulong tag, long result) => Answers.Add((tag, result));
}

using System.Buffers.Binary;
using System.Text;
using Libsys.Messages;
using Servers.Drivers.Nvme.Controller;
using Servers.Drivers.Nvme.Disks;

namespace Servers.Drivers.Nvme.Tests;

/// <summary>What controllers say of themselves and of their namespaces.</summary>
public sealed class IdentityTests
{
    [Fact]
    public void A_controller_says_what_it_can()
    {
        byte[] bytes = new byte[4096];
        Encoding.ASCII.GetBytes("disk0               ").CopyTo(bytes, 4);
        (bytes[77], bytes[520], bytes[525], bytes[528]) = (7, 0xC, 1, 7);
        var identity = new ControllerIdentity(bytes);
        Assert.Equal("disk0               ", Encoding.ASCII.GetString(identity.Serial));
        const DiskFlags all = DiskFlags.Discard | DiskFlags.WriteZeroes | DiskFlags.WriteCache;
        Assert.Equal((all, 512ul << 10, 8u), (identity.Flags, identity.MostBytes, identity.AtomicBlocks));
        Assert.Equal((1024ul, 128ul), (identity.MostBlocksOf(512), identity.MostBlocksOf(4096)));
        // Nothing is said of zeroes: as many as their field holds.
        Assert.Equal((uint.MaxValue, 65536ul, 65536ul), (identity.MostDiscard, identity.MostZeroes(512), identity.MostZeroes(4096)));
        byte[] bounds = new byte[4096];
        (bounds[1], bounds[4], bounds[5]) = (3, 7, 1);
        identity.Bound(bounds);
        Assert.Equal((263ul, 64ul, 8ul), (identity.MostDiscard, identity.MostZeroes(512), identity.MostZeroes(4096)));
        Assert.Equal((DiskFlags.None, ulong.MaxValue), (new ControllerIdentity(new byte[4096]).Flags, new ControllerIdentity(new byte[4096]).MostBytes));
    }

    [Theory]
    [InlineData((byte)9, 512u)]
    [InlineData((byte)12, 4096u)]
    public void A_namespace_has_the_format_that_it_names(byte exponent, uint block)
    {
        var space = new NamespaceIdentity(Namespace(blocks: 1000, exponent), atomicBlocks: 4);
        Assert.Equal((1000ul * block / 512, block, 4 * block, false), (space.Sectors, space.LogicalBlock, space.PhysicalBlock, space.IsReadOnly));
        byte[] other = Namespace(1000, exponent);
        (other[24], other[99]) = (0, 1);
        space = new NamespaceIdentity(other, atomicBlocks: 4);
        Assert.Equal((block, true), (space.PhysicalBlock, space.IsReadOnly));
    }

    [Theory]
    [InlineData(0ul, (byte)9, (byte)0)]
    [InlineData(ulong.MaxValue, (byte)9, (byte)0)]
    [InlineData(1ul << 51, (byte)12, (byte)0)]
    [InlineData(1000ul, (byte)10, (byte)0)]
    [InlineData(1000ul, (byte)255, (byte)0)]
    [InlineData(1000ul, (byte)9, (byte)8)]
    public void A_namespace_that_cannot_be_used_is_refused(ulong blocks, byte exponent, byte metadata) =>
        Assert.Throws<NvmeException>(() => new NamespaceIdentity(Namespace(blocks, exponent, metadata), 1));

    // Format 3 of 16; it likes to be written in eighths.
    private static byte[] Namespace(ulong blocks, byte exponent, byte metadata = 0)
    {
        byte[] bytes = new byte[4096];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, blocks);
        (bytes[24], bytes[26], bytes[64], bytes[128 + 12], bytes[128 + 14]) = (1 << 4, 3, 7, metadata, exponent);
        return bytes;
    }
}

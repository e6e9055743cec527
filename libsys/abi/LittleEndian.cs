using System;

namespace Libsys.Abi;

/// <summary>Reads numbers byte by byte: safe at any alignment, and without BinaryPrimitives, which the core library for code without a runtime lacks.</summary>
public static class LittleEndian
{
    /// <summary>Four bytes at <paramref name="offset"/>.</summary>
    public static uint UInt32(ReadOnlySpan<byte> bytes, int offset) =>
        (uint)(bytes[offset] | (bytes[offset + 1] << 8) | (bytes[offset + 2] << 16)) | ((uint)bytes[offset + 3] << 24);

    /// <summary>Eight bytes at <paramref name="offset"/>.</summary>
    public static ulong UInt64(ReadOnlySpan<byte> bytes, int offset) => UInt32(bytes, offset) | ((ulong)UInt32(bytes, offset + 4) << 32);
}

using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;

namespace Servers.Vfs.Names;

/// <summary>Compares names byte by byte and lets a dictionary be asked with a span, so that lookups allocate nothing.</summary>
public sealed class NameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    /// <summary>The only instance; it has no state but the seed.</summary>
    public static readonly NameComparer Instance = new();

    // Random per start, so that a client cannot prepare names that collide.
    private readonly int seed = Random.Shared.Next();

    /// <inheritdoc/>
    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    /// <inheritdoc/>
    public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

    /// <inheritdoc/>
    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    /// <inheritdoc/>
    public int GetHashCode(ReadOnlySpan<byte> alternate) => (int)XxHash3.HashToUInt64(alternate, seed);

    /// <inheritdoc/>
    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}

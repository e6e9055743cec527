namespace Servers.Vfs.Machine;

/// <summary>Where the kernel keeps its log.</summary>
public interface IKernelLogSource
{
    /// <summary>Bytes that the kernel keeps at most.</summary>
    int Capacity { get; }

    /// <summary>Reads from a position (bytes since boot) on.</summary>
    /// <param name="position">Moves behind the bytes read; what is no longer kept is skipped.</param>
    /// <param name="text">Takes them.</param>
    /// <param name="skipped">Bytes that were asked for but are no longer kept.</param>
    /// <returns>Bytes read, 0 at the log's end, negative if the log cannot be read.</returns>
    long Read(ref ulong position, Span<byte> text, out ulong skipped);
}

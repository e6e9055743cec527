using System.Buffers.Binary;

namespace Servers.Vfs.SystemV;

/// <summary>One of the operations of a semop(2).</summary>
/// <param name="Number">Which semaphore of the set.</param>
/// <param name="Change">What is added; 0: it is to be zero.</param>
/// <param name="Flags">IPC_NOWAIT, SEM_UNDO.</param>
public readonly record struct SemaphoreOperation(int Number, short Change, ushort Flags)
{
    /// <summary>It is not waited for.</summary>
    public bool IsAtOnce => (Flags & SystemVNumbers.NoWait) != 0;

    /// <summary>It is taken back when its process ends.</summary>
    public bool IsTakenBack => (Flags & SemaphoreNumbers.Undo) != 0 && Change != 0;

    /// <summary>One from struct sembuf.</summary>
    public static SemaphoreOperation Read(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadUInt16LittleEndian(from[SemaphoreLayout.Number..]), BinaryPrimitives.ReadInt16LittleEndian(from[SemaphoreLayout.Change..]),
        BinaryPrimitives.ReadUInt16LittleEndian(from[SemaphoreLayout.Flags..]));
}

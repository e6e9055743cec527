namespace Libsys.Personality;

/// <summary>The program's buffers of one read or write: a private copy of its struct iovec array, and how far the call has come.</summary>
internal unsafe struct IoVectors
{
    /// <summary>Linux' IOV_MAX (UIO_MAXIOV).</summary>
    private const ulong LargestCount = 1024;

    /// <summary>Most bytes one call moves, read(2): 2^31 − 4096.</summary>
    public const ulong LargestTotal = 0x7FFF_F000;

    /// <summary>Bytes of all buffers, cut to <see cref="LargestTotal"/>.</summary>
    public ulong Total;

    // Linux' UIO_FASTIOV: as many need no memory of the heap.
    private const int FewCount = 8;

    private ulong* pairs;
    private int count, index;
    private bool isOwn;
    private ulong offset;
    private fixed ulong few[2 * FewCount];

    /// <summary>One buffer.</summary>
    public static void Single(IoVectors* vectors, ulong address, ulong length)
    {
        vectors->few[0] = address;
        vectors->few[1] = length < LargestTotal ? length : LargestTotal;
        vectors->pairs = vectors->few;
        vectors->count = 1;
        vectors->index = 0;
        vectors->isOwn = false;
        vectors->offset = 0;
        vectors->Total = vectors->few[1];
    }

    /// <summary>Bytes to be copied from the window: what vfs has mapped of a file, and may take away at any time, as the program may its own memory.</summary>
    public static void SingleInWindow(IoVectors* vectors, ulong address, ulong length)
    {
        Single(vectors, address, length);
        vectors->isOwn = true;
    }

    /// <summary>Copies an iovec array. 0 or −errno; after success <see cref="Free"/> is owed.</summary>
    public static long Load(IoVectors* vectors, ulong array, ulong count)
    {
        vectors->pairs = null;
        vectors->count = (int)count;
        vectors->index = 0;
        vectors->isOwn = false;
        vectors->offset = 0;
        vectors->Total = 0;
        if (count > LargestCount)
            return -Errno.EINVAL;
        if (count == 0)
            return 0;
        vectors->pairs = count <= FewCount ? vectors->few : (ulong*)PersonalityHeap.Allocate(count * 16);
        if (vectors->pairs == null)
            return -Errno.ENOMEM;
        long result = 0;
        if (!UserMemory.CopyIn(vectors->pairs, array, count * 16))
            result = -Errno.EFAULT;
        // Lengths of all before the addresses of any, as Linux does.
        for (ulong i = 0; i < count && result == 0; i++)
            result = vectors->pairs[2 * i + 1] > long.MaxValue ? -Errno.EINVAL : 0;
        for (ulong i = 0; i < count && result == 0; i++)
        {
            ulong length = vectors->pairs[2 * i + 1];
            if (!UserMemory.IsUser(vectors->pairs[2 * i], length))
                result = -Errno.EFAULT;
            else if (length > LargestTotal - vectors->Total)
                length = vectors->pairs[2 * i + 1] = LargestTotal - vectors->Total;
            vectors->Total += length;
        }
        if (result < 0)
            Free(vectors);
        return result;
    }

    /// <summary>Gives the copy back.</summary>
    public static void Free(IoVectors* vectors)
    {
        if (vectors->pairs != vectors->few)
            PersonalityHeap.Free(vectors->pairs);
    }

    /// <summary>The next buffer that is not empty, and moves behind it; false: there is none.</summary>
    public static bool Next(IoVectors* vectors, out ulong address, out ulong length)
    {
        address = length = 0;
        while (length == 0 && vectors->index < vectors->count)
        {
            address = vectors->pairs[2 * vectors->index];
            length = vectors->pairs[2 * vectors->index + 1];
            vectors->index++;
        }
        return length != 0;
    }

    /// <summary>Copies up to <paramref name="length"/> bytes from where the call stands, without moving on. Fewer where a buffer cannot be read.</summary>
    public static ulong CopyIn(IoVectors* vectors, byte* destination, ulong length) => Copy(vectors, destination, length, false);

    /// <summary>Copies <paramref name="length"/> bytes to where the call stands, without moving on. Fewer where a buffer cannot be written.</summary>
    public static ulong CopyOut(IoVectors* vectors, byte* source, ulong length) => Copy(vectors, source, length, true);

    /// <summary>Where the call stands, if the next <paramref name="length"/> bytes are in one buffer of the program; else 0.</summary>
    public static ulong Run(IoVectors* vectors, ulong length)
    {
        if (vectors->index >= vectors->count || vectors->isOwn)
            return 0;
        ulong* pair = vectors->pairs + 2 * vectors->index;
        return pair[1] - vectors->offset >= length ? pair[0] + vectors->offset : 0;
    }

    /// <summary>Bytes from where the call stands on.</summary>
    public static ulong Rest(IoVectors* vectors)
    {
        ulong rest = 0;
        for (int at = vectors->index; at < vectors->count; at++)
            rest += vectors->pairs[2 * at + 1];
        return rest - vectors->offset;
    }

    /// <summary>The same buffers and place once more; <see cref="Free"/> stays the owner's.</summary>
    public static void Copy(IoVectors* copy, IoVectors* vectors)
    {
        BlockMemory.Move(copy, vectors, (ulong)sizeof(IoVectors));
        if (vectors->pairs == vectors->few)
            copy->pairs = copy->few;
    }

    /// <summary>Moves on.</summary>
    public static void Advance(IoVectors* vectors, ulong length)
    {
        while (vectors->index < vectors->count)
        {
            ulong left = vectors->pairs[2 * vectors->index + 1] - vectors->offset;
            if (length < left)
            {
                vectors->offset += length;
                return;
            }
            length -= left;
            vectors->index++;
            vectors->offset = 0;
        }
    }

    private static ulong Copy(IoVectors* vectors, byte* own, ulong length, bool outward)
    {
        ulong done = 0, offset = vectors->offset;
        for (int i = vectors->index; i < vectors->count && done < length; i++)
        {
            ulong address = vectors->pairs[2 * i] + offset;
            ulong piece = vectors->pairs[2 * i + 1] - offset;
            if (piece > length - done)
                piece = length - done;
            offset = 0;
            if (piece == 0)
                continue;
            ulong copied = outward ? UserMemory.CopyOutPartly(address, own + done, piece)
                : vectors->isOwn ? piece - Stubs.UserCopy((ulong)own + done, address, piece) : UserMemory.CopyInPartly(own + done, address, piece);
            done += copied;
            if (copied < piece)
                break;
        }
        return done;
    }
}

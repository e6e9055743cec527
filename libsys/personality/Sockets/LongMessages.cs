using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Messages that do not fit a request (docs/unix-sockets.md): all but the last piece is given before the message is sent, all but the first is taken after it
/// was received.
/// </summary>
internal static unsafe class LongMessages
{
    private const uint Piece = PoolBlocks.UnitLength << PoolBlocks.LargestOrder;

    /// <summary>
    /// Gives all but what fits one request beside <paramref name="front"/> bytes, and moves on in the vectors. The message's number; 0: there is no need, or
    /// it is too long, which is said in its turn; or −errno.
    /// </summary>
    public static long Give(TaskState* task, Descriptor* descriptor, IoVectors* vectors, uint front)
    {
        ulong left = vectors->Total;
        long number = 0;
        while (left > Piece - front)
        {
            VfsRequest request;
            DataRequest.Begin(&request, VfsOperation.GiveMessage, descriptor, (ulong)number, vectors->Total);
            uint wanted = left < Piece ? (uint)left : Piece;
            long result = VfsPool.Take(task, &request, wanted, PoolBlocks.UnitLength);
            if (result == 0)
            {
                wanted = request.PoolLength;
                result = IoVectors.CopyIn(vectors, VfsPool.BufferOf(&request), wanted) == wanted ? VfsClient.Call(task, &request) : -Errno.EFAULT;
            }
            VfsPool.Give(task, &request);
            if (result == -Errno.EMSGSIZE)
                return 0;
            if (result <= 0)
            {
                Drop(task, (ulong)number);
                return result == 0 ? -Errno.EIO : result;
            }
            number = (ushort)result;
            IoVectors.Advance(vectors, wanted);
            left -= wanted;
        }
        return number;
    }

    /// <summary>Takes the rest of a message to where the vectors stand: 0 or −EFAULT.</summary>
    public static long Take(TaskState* task, ulong number, IoVectors* vectors, ulong length)
    {
        while (length > 0)
        {
            VfsRequest request;
            VfsRequest.Begin(&request, VfsOperation.TakeMessage, number);
            uint wanted = length < Piece ? (uint)length : Piece;
            long result = VfsPool.Take(task, &request, wanted, PoolBlocks.UnitLength);
            if (result == 0)
            {
                wanted = request.PoolLength;
                result = VfsClient.Call(task, &request);
            }
            bool isCopied = result > 0 && result <= wanted && IoVectors.CopyOut(vectors, VfsPool.BufferOf(&request), (ulong)result) == (ulong)result;
            VfsPool.Give(task, &request);
            if (!isCopied)
            {
                Drop(task, number);
                return result < 0 ? result : -Errno.EFAULT;
            }
            IoVectors.Advance(vectors, (ulong)result);
            length -= (ulong)result;
        }
        return 0;
    }

    /// <summary>One that is not wanted any more; 0: none.</summary>
    public static void Drop(TaskState* task, ulong number)
    {
        if (number != 0)
            VfsClient.Call(task, VfsOperation.TakeMessage, number, 1);
    }
}

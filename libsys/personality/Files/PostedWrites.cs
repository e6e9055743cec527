using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Writes that are not waited for (docs/posted-calls.md): by a permit, which says that they cannot fail and that nobody sees the file but by asking vfs. Their
/// bytes wait in a block of the pool.
/// </summary>
internal static unsafe class PostedWrites
{
    /// <summary>write(2) at the description's own offset. False: by message.</summary>
    public static bool TryWrite(TaskState* task, Descriptor* descriptor, IoVectors* vectors, out long result)
    {
        result = 0;
        if ((descriptor->Bits & DescriptorBits.ClosesUnseen) == 0 || vectors->Total - 1 >= PostedLayout.LongestWrite || descriptor->Handle > ushort.MaxValue)
            return false;
        uint slot = task->Process->VfsProcessSlot, length = (uint)vectors->Total;
        ulong permit = Volatile.Read(ref PostedCalls.PermitOf(descriptor->Handle)), left = permit & PostedLayout.PermitLeft;
        if (left == 0 || permit - left != PostedLayout.Permit(slot, descriptor->Handle) || !NamesMapping.IsReady(task))
            return false;
        ulong turn = PostedCalls.Turn;
        VfsConnection* connection = task->Process->Space->Connection;
        int offset = (turn & 1) == 0 ? PostedBlocks.Take(connection, length) : -1;
        if (offset < 0)
            return false;
        bool isPosted = IoVectors.CopyIn(vectors, VfsConnection.PoolBase(0, 0) + offset, length) == length;
        uint tail = 0;
        if (isPosted)
        {
            ulong piece = PostedLayout.Piece((uint)offset, length, Clock.Now + Clock.Page->WallOffset);
            isPosted = PostedCalls.TryWrite(connection, slot, descriptor->Handle, permit, piece, out tail);
        }
        if (!isPosted)
        {
            PostedBlocks.Give(connection, (uint)offset, length);
            return false;
        }
        PostedBlocks.Keep(connection, tail, (uint)offset, length);
        // Whatever vfs has begun meanwhile may have ended the permit, and shown the file: what was posted is done before this returns.
        if (!PostedCalls.Holds(turn))
            VfsClient.Call(task, VfsOperation.ServePosted);
        result = length;
        return true;
    }
}

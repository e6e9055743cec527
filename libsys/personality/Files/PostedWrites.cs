using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Writes that are not waited for (docs/posted-calls.md): by a permit, which says that they cannot fail and that nobody sees the file but by asking vfs; or
/// because vfs has not seen the file since it was made by a posted call (docs/posted-names.md). Their bytes wait in a block of a pool.
/// </summary>
internal static unsafe class PostedWrites
{
    /// <summary>write(2) at the description's own offset: all of it, or false: by message.</summary>
    public static bool TryWrite(TaskState* task, Descriptor* descriptor, IoVectors* vectors)
    {
        if ((descriptor->Bits & DescriptorBits.ClosesUnseen) == 0 || vectors->Total - 1 >= PostedLayout.LongestWrite || descriptor->Handle > ushort.MaxValue)
            return false;
        if (TryWrite(task, descriptor, vectors, out bool isFull))
            return true;
        if (!isFull)
            return false;
        // Blocks that wait to be served come back by a message, and then this write need not be another one.
        PostedBlocks.GiveBack(task, task->Process->Space->Connection);
        return TryWrite(task, descriptor, vectors, out _);
    }

    private static bool TryWrite(TaskState* task, Descriptor* descriptor, IoVectors* vectors, out bool isFull)
    {
        isFull = false;
        uint slot = task->Process->VfsProcessSlot, length = (uint)vectors->Total, handle = descriptor->Handle;
        bool isPermitted = PostedCalls.IsPermitted(slot, handle, out ulong permit);
        VfsConnection* connection = task->Process->Space->Connection;
        bool mayBe = isPermitted || connection != null && connection->KnownNames != null;
        // A handle that is only read may be one that was lent again, before vfs has ended the permit of the one before.
        if (!mayBe || (descriptor->Access & OpenFlags.AccessMode) == OpenFlags.ReadOnly || !NamesMapping.IsReady(task))
            return false;
        ulong turn = PostedCalls.Turn;
        if ((turn & 1) != 0 || !isPermitted && !PostedCalls.IsFresh(connection, slot, handle, turn))
            return false;
        if (!PostedBlocks.TryTake(connection, length, out PostedBlock block, out bool isWorthAttaching))
        {
            if (isWorthAttaching)
                VfsPool.AttachLarge(task, connection);
            isFull = PostedBlocks.Any(connection);
            return false;
        }
        bool isPosted = IoVectors.CopyIn(vectors, VfsConnection.PoolBase(0, block.Pool) + block.Offset, length) == length, isDoubtful = false;
        uint tail = 0;
        if (isPosted)
        {
            ulong word = PostedLayout.WriteWord(isPermitted ? PostedLayout.Write : PostedLayout.WriteFresh, slot, handle, block.Pool, block.Offset);
            ulong piece = PostedLayout.Piece(block.Offset, length, Clock.Now + Clock.Page->WallOffset);
            isPosted = isPermitted ? PostedCalls.TryWrite(connection, word, permit, piece, out tail)
                : PostedCalls.TryWriteFresh(connection, word, turn, piece, out tail, out isDoubtful);
        }
        if (!isPosted)
        {
            PostedBlocks.Give(connection, block);
            return false;
        }
        PostedBlocks.Keep(connection, tail, block);
        // The file may have been seen, or closed, before vfs saw this.
        if (isDoubtful)
            return PostedCalls.EndDoubt(task, connection, tail - 1);
        // Whatever vfs has begun meanwhile may have ended the permit, and shown the file: what was posted is done before this returns.
        if (isPermitted && !PostedCalls.Holds(turn))
            VfsClient.Call(task, VfsOperation.ServePosted);
        return true;
    }
}

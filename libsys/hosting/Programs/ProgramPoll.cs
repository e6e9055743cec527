using Libsys.Linux;
using Libsys.Messages;
using Libsys.Rings;
using System.Buffers.Binary;

namespace Libsys.Hosting.Programs;

/// <summary>Poll requests: readiness of several handles of one process.</summary>
internal static class ProgramPoll
{
    // VfsPollEntry: u32 handle, u16 wanted, u16 found. poll(2): errors and hang-ups are found unasked.
    private const int EntryLength = 8, WantedAt = 4, FoundAt = 6;

    /// <summary>
    /// A0 entries, A1 1 = waits, A2 1 = a handle that means nothing here is an error on it, else −ESTALE: it may be one that was not shown yet. The number of
    /// entries with something found; null: it waits.
    /// </summary>
    public static long? Try(GrantView grants, ProgramConnection connection, in Submission request, Span<byte> payload)
    {
        if (request.A0 > (ulong)(payload.Length / EntryLength))
            return -Errno.EINVAL;
        long found = 0;
        for (int index = 0; index < (int)request.A0; index++)
        {
            Span<byte> entry = payload.Slice(index * EntryLength, EntryLength);
            ProgramFile? file = connection.Find(grants, request.ProcessSlot, BinaryPrimitives.ReadUInt32LittleEndian(entry));
            if (file is null && request.A2 == 0)
                return -Errno.ESTALE;
            int wanted = BinaryPrimitives.ReadUInt16LittleEndian(entry[WantedAt..]) | PollEvents.Error | PollEvents.HangUp;
            int ready = file is null ? PollEvents.Error | PollEvents.HangUp : file.Poll() & wanted;
            BinaryPrimitives.WriteUInt16LittleEndian(entry[FoundAt..], (ushort)ready);
            found += ready != 0 ? 1 : 0;
        }

        return found > 0 || request.A1 == 0 ? found : null;
    }
}

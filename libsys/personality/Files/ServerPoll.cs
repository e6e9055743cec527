using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>The part of a poll set that one server has.</summary>
internal static unsafe class ServerPoll
{
    /// <summary>Makes a server's request. 0 or −errno; then no block is held.</summary>
    public static long Prepare(TaskState* task, PollSet* set, uint server, ulong deadline, RequestJoin join, VfsRequest* request)
    {
        int count = set->Servers == 1u << (int)server ? set->Count : CountOf(set, server);
        VfsRequest.Begin(request, VfsOperation.Poll, (ulong)count, deadline == Deadline.Poll ? 0ul : 1, set->IsShown);
        request->Server = (byte)server;
        request->Join = join;
        uint length = (uint)(count * sizeof(VfsPollEntry));
        long result = count == 0 ? 0 : VfsPool.Take(task, request, length, length);
        if (result < 0)
            return result == -Errno.RestartSystemCall ? -Errno.EINTR : result;
        request->Deadline = deadline == Deadline.Poll ? Deadline.Never : deadline;
        VfsPollEntry* shared = (VfsPollEntry*)VfsPool.BufferOf(request);
        if (set->Servers == 1 && set->Sources == 0)
        {
            BlockMemory.Move(shared, set->Entries, length);
            return 0;
        }
        bool hasAll = count == set->Count;
        for (int i = 0, at = 0; i < set->Count; i++)
        {
            if (!hasAll && ServerOf(set->Entries + i) != server)
                continue;
            VfsPollEntry* entry = set->Entries + i;
            uint number = (entry->Events & VfsPollEntry.Changed) != 0 ? (uint)entry->Returned << VfsPollEntry.NumberShift : 0;
            shared[at].Handle = PollSet.HandleOf(entry) | number;
            shared[at].Events = entry->Events;
            shared[at].Returned = 0;
            at++;
        }
        return 0;
    }

    /// <summary>Takes over what a server found and gives the block back: the number of entries, or −errno. Of one that has ended, errors are found.</summary>
    public static long Finish(TaskState* task, PollSet* set, VfsRequest* request, long result)
    {
        uint server = request->Server;
        bool isGone = server != 0 && (result == -Errno.EIO || result == -Errno.ENXIO);
        if (result > 0 || isGone)
        {
            // Counted again here: the entries, not the number, are what the caller acts on.
            VfsPollEntry* shared = (VfsPollEntry*)VfsPool.BufferOf(request);
            result = 0;
            bool hasAll = set->Servers == 1u << (int)server;
            for (int i = 0, at = 0; i < set->Count; i++)
            {
                if (!hasAll && ServerOf(set->Entries + i) != server)
                    continue;
                ushort found = isGone ? (ushort)(PollEvents.Error | PollEvents.HangUp) : shared[at].Returned;
                at++;
                set->Entries[i].Returned = found;
                result += found != 0 ? 1 : 0;
            }
        }
        VfsPool.Give(task, request);
        return result;
    }

    /// <summary>Shows what is in the set to the servers that have it. What cannot be shown is found as an error then. 0, or −EINTR.</summary>
    public static long Show(TaskState* task, PollSet* set)
    {
        for (int i = 0; i < set->Count; i++)
        {
            set->Entries[i].Returned = 0; // all are asked again
            if (ServerOf(set->Entries + i) is not (var server and not 0))
                continue;
            if (GrantedCalls.Show(task, server, PollSet.HandleOf(set->Entries + i), mayConnect: true) == -Errno.RestartSystemCall)
                return -Errno.EINTR;
        }
        set->IsShown = 1;
        return 0;
    }

    /// <summary>Number of the server that an entry is for.</summary>
    public static uint ServerOf(VfsPollEntry* entry) => entry->Handle >> PollSet.ServerShift & (Libsys.Abi.Window.ProgramServers - 1);

    private static int CountOf(PollSet* set, uint server)
    {
        int count = 0;
        for (int i = 0; i < set->Count; i++)
            count += ServerOf(set->Entries + i) == server ? 1 : 0;
        return count;
    }
}

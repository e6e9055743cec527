using System.Numerics;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Waits for readiness at several servers: all are asked, one of them is called, and whichever answers first ends the call.</summary>
internal static unsafe class JoinedPoll
{
    /// <summary>Requests to all servers of a set but the one that is called.</summary>
    private struct Others
    {
        public VfsRequest First, Second, Third;
    }

    /// <summary>As <see cref="PollWait.Wait"/>, once: 0 may also mean that nothing was found and the wait is to go on.</summary>
    public static long Wait(TaskState* task, PollSet* set, ulong deadline, out bool isOver)
    {
        isOver = true;
        if (Connect(task, set) < 0)
            return -Errno.EINTR;
        long found = 0;
        Others others;
        PostedRequests posted;
        VfsRequest* requests = &others.First;
        PostedRequests.Begin(&posted);
        VfsRequest call;
        call.Ending = VfsEnding.Completed;
        uint called = (uint)BitOperations.TrailingZeroCount(set->Servers);
        long error = 0;
        for (uint rest = set->Servers & (set->Servers - 1); rest != 0 && error == 0; rest &= rest - 1)
            error = Post(task, set, (uint)BitOperations.TrailingZeroCount(rest), ref deadline, &posted, requests + posted.Count, ref found);
        if (error == 0)
            error = Call(task, set, called, deadline, &posted, &call, ref found);
        for (int i = 0; i < posted.Count; i++)
        {
            long result = ServerPoll.Finish(task, set, requests + i, PostedRequests.Collect(&posted, i, requests + i));
            if (result > 0)
                found += result;
            else if (result == -Errno.ESTALE)
                error = result;
        }
        isOver = error != 0 || deadline == Deadline.Poll || call.Ending == VfsEnding.TimedOut;
        // Where a server does not know what was inherited, nobody has looked yet: what others found is found again.
        bool isUnknown = error == -Errno.ESTALE && set->IsShown == 0;
        return found > 0 && !isUnknown ? found : error;
    }

    // Before blocks are held, since who connects waits until no block is. A server that does not answer is found out by the request to it; an error here is a
    // signal.
    private static long Connect(TaskState* task, PollSet* set)
    {
        for (uint rest = set->Servers & ~1u; rest != 0; rest &= rest - 1)
        {
            ServerConnections.Get(task, (uint)BitOperations.TrailingZeroCount(rest), mayConnect: true, out long error);
            if (error == -Errno.RestartSystemCall)
                return error;
        }
        return 0;
    }

    private static long Post(TaskState* task, PollSet* set, uint server, ref ulong deadline, PostedRequests* posted, VfsRequest* request, ref long found)
    {
        long error = ServerPoll.Prepare(task, set, server, deadline, RequestJoin.Posted, request);
        if (error == 0)
            error = PostedRequests.Add(task, posted, request);
        if (error == 0)
            return 0;
        // One that has ended is found at once, and nobody waits then.
        error = ServerPoll.Finish(task, set, request, error);
        if (error < 0)
            return error;
        found += error;
        deadline = Deadline.Poll;
        return 0;
    }

    private static long Call(TaskState* task, PollSet* set, uint server, ulong deadline, PostedRequests* posted, VfsRequest* request, ref long found)
    {
        long result = ServerPoll.Prepare(task, set, server, deadline, RequestJoin.Called, request);
        request->Posted = posted;
        if (result == 0)
            result = VfsClient.Call(task, request);
        result = ServerPoll.Finish(task, set, request, result);
        if (result > 0)
            found += result;
        // Ended by one of the others, or by the deadline: nothing was found here.
        return result == -Errno.EINTR && request->Ending != VfsEnding.Interrupted ? 0 : result < 0 ? result : 0;
    }
}

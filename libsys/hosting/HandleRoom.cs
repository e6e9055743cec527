using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>
/// Whether a server may take more handles for what its clients want. A table that is full takes no message any more, not even the one that would make room: so
/// what clients can make a server keep ends before that, and a little later for privileged ones, who can then put things right.
/// </summary>
/// <param name="account">The account that pays for the server's handles.</param>
public sealed class HandleRoom(AccountHandle account)
{
    // Parts of the table that are left to others: messages that arrive need five handles at once, attaching a program three more.
    private const ulong KeptFromAll = 16, KeptFromPrivileged = 32;

    // Of what an answer finds to be there for all so many need not be asked for again: a small part of what is kept from all, in which what else the server
    // opens meanwhile is lost.
    private const ulong MostAtOnce = 128;

    private ulong left;

    /// <summary>True if <paramref name="count"/> more leave enough.</summary>
    public bool Has(uint count, bool isPrivileged)
    {
        if (left < count)
        {
            if (account.TryQuery(out AccountState state) != KernelStatus.Ok)
                return false;
            ulong free = state.HandleLimit - Math.Min(state.Handles, state.HandleLimit), kept = state.HandleLimit / KeptFromAll;
            left = Math.Min(free - Math.Min(kept, free), MostAtOnce);
            if (left < count)
                return isPrivileged && free >= count + state.HandleLimit / KeptFromPrivileged;
        }

        left -= count;
        return true;
    }
}

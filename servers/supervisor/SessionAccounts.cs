using System.Globalization;
using Libsys.Abi;
using Libsys.Hosting;

namespace Servers.Supervisor;

/// <summary>
/// Compares what is charged after the end of a session with what was charged before the first one began: programs, the servers of the session, and the handles
/// that the supervisor itself holds.
/// </summary>
internal sealed class SessionAccounts(AccountHandle root, Grants grants, IReadOnlyList<Server> servers)
{
    private AccountState programsAtFirst;
    private ulong handlesAtFirst;
    private ulong freeAtFirst;
    private bool isKnown;

    /// <summary>To be called before the first process of a session starts; later calls change nothing.</summary>
    public void RememberBeginning()
    {
        if (isKnown)
            return;
        isKnown = true;
        grants.Programs.TryQuery(out programsAtFirst);
        handlesAtFirst = OwnHandles();
        freeAtFirst = SystemClock.Snapshot.FreeFrames;
    }

    /// <summary>True if nothing of the session is left.</summary>
    public bool IsEmpty(IEnumerable<(Server Server, ServerInstance Instance)> ended)
    {
        (long frames, long handles) = Programs();
        return frames == 0 && handles == 0 && ended.All(pair => pair.Instance.Remaining() == (0, 0));
    }

    /// <summary>The figures, for the log. To be called when the accounts of the ended processes are closed.</summary>
    public string Describe(IEnumerable<(Server Server, ServerInstance Instance)> ended)
    {
        (long frames, long handles) = Programs();
        string text = string.Create(CultureInfo.InvariantCulture, $"above the beginning: programs {frames} frames {handles} handles");
        foreach ((Server server, ServerInstance instance) in ended)
        {
            (frames, handles) = instance.Remaining();
            text += string.Create(CultureInfo.InvariantCulture, $", {server.Name} {frames} frames {handles} handles");
        }

        return text;
    }

    /// <summary>Handles of the supervisor and free frames, now and at the beginning.</summary>
    public string DescribeOwn() => string.Create(
        CultureInfo.InvariantCulture,
        $"supervisor holds {OwnHandles()} handles, at first {handlesAtFirst}; {SystemClock.Snapshot.FreeFrames} frames free, at first {freeAtFirst}");

    private (long Frames, long Handles) Programs() =>
        grants.Programs.TryQuery(out AccountState now) == KernelStatus.Ok
            ? ((long)(now.Frames - programsAtFirst.Frames), (long)(now.Handles - programsAtFirst.Handles))
            : (0, 0);

    // All handles but those of the accounts below the root. What comes and goes with spares and with what servers keep, which have nothing to do with sessions,
    // is left out.
    private ulong OwnHandles()
    {
        root.TryQuery(out AccountState all);
        grants.Programs.TryQuery(out AccountState programs);
        ulong others = programs.Handles;
        foreach (Server server in servers)
        {
            if (server.Account.TryQuery(out AccountState account) == KernelStatus.Ok)
                others += account.Handles;
            others += (ulong)server.Kept.Handles;
            // Other servers may start, or be between two processes, when a session begins or ends.
            if (server is { IsOfSession: false, Current: not null })
                others += ServerInstance.Handles;
            if (server.Spare is { } spare)
                others += ServerInstance.Handles + (spare.Parked.IsValid ? 1u : 0u);
        }

        return all.Handles - others;
    }
}

using System.Globalization;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Supervisor.Keeping;

namespace Servers.Supervisor;

// Objects that servers keep for their successors (docs/keeping.md). Nothing here waits, maps or reads what is kept.
internal sealed partial class Supervision
{
    // Whose names are meant is decided by who calls: a server cannot name another's.
    private void AnswerKeeping(Server server, ServerInstance instance, in Message message, ReplyHandle reply)
    {
        Span<byte> bytes = stackalloc byte[ServerName.LongestName];
        bytes = bytes[..ServerName.Read(in message, bytes)];
        string? name = KeptNames.Parse(bytes);
        var operation = (SupervisorOperation)message.Words[0];
        bool isName = name is not null || (operation == SupervisorOperation.NextName && bytes.IsEmpty);
        if (instance != server.Current || !isName)
        {
            if (operation == SupervisorOperation.Keep)
                message.CloseHandles();
            reply.Reply(isName ? KeepError.NotNow : KeepError.BadArgument);
        }
        else if (operation == SupervisorOperation.Keep)
            Keep(server, name!, in message, reply);
        else if (operation == SupervisorOperation.Find)
            Find(server, name!, reply);
        else if (operation == SupervisorOperation.NextName)
            NextName(server, name ?? "", reply);
        else
            reply.Reply(server.Kept.Release(name!) ? KeepError.None : KeepError.NoSuchName);
    }

    private static void Keep(Server server, string name, in Message message, ReplyHandle reply)
    {
        var handles = new KernelHandle[message.HandleCount];
        bool canBeHandedOn = true;
        for (int index = 0; index < handles.Length; index++)
        {
            handles[index] = new KernelHandle(message.Handles[index]);
            canBeHandedOn &= ((Rights)message.Rights[index] & Rights.Duplicate) != 0;
        }

        long result = canBeHandedOn ? server.Kept.Keep(name, handles) : KeepError.NoRight;
        if (result != KeepError.None)
            message.CloseHandles();
        reply.Reply(result);
    }

    // Should the server have no room for the handles, its call ends with PeerGone and none has moved.
    private static void Find(Server server, string name, ReplyHandle reply)
    {
        if (!server.Kept.TryFind(name, out KernelHandle[] handles))
        {
            reply.Reply(KeepError.NoSuchName);
            return;
        }

        Message answer = default;
        answer.HandleCount = (uint)handles.Length;
        for (int index = 0; index < handles.Length; index++)
        {
            answer.Handles[index] = handles[index].Index;
            answer.Rights[index] = (uint)Rights.All;
        }

        reply.Reply(ref answer);
    }

    private static void NextName(Server server, string name, ReplyHandle reply)
    {
        Message answer = default;
        if (server.Kept.Next(name) is { } next)
            ServerName.TryWrite(ref answer, System.Text.Encoding.ASCII.GetBytes(next));
        else
            answer.Words[0] = unchecked((ulong)KeepError.NoSuchName);
        reply.Reply(ref answer);
    }

    /// <summary>A process has ended and another will come: what it finds.</summary>
    private void JudgeKept(Server server, ServerInstance old)
    {
        ulong ran = old.ReadyAt == 0 ? 0 : old.NoticedAt - old.ReadyAt;
        if (server.Trust.Ended(ran, old.IsRequested) && server.Kept.Count > 0)
            ReleaseKept(server, string.Create(CultureInfo.InvariantCulture, $"{KeepTrust.MostAttempts} processes in a row ended soon"));
    }

    /// <summary>Nobody will ask for it any more.</summary>
    private void ReleaseKept(Server server, string why)
    {
        if (server.Kept.Count == 0)
            return;
        log.Write(string.Create(CultureInfo.InvariantCulture, $"{server.Name}: {why}: what it kept under {server.Kept.Count} names is released"));
        server.Kept.ReleaseAll();
    }
}

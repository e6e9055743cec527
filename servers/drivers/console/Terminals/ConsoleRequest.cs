using Libsys.Messages;
using Libsys.Rings;

namespace Servers.Drivers.Console.Terminals;

/// <summary>A request that waits.</summary>
public sealed class ConsoleRequest(IConsoleClient client, in Submission submission)
{
    /// <summary>Who asked.</summary>
    public IConsoleClient Client { get; } = client;

    /// <summary>Private copy of the request.</summary>
    public Submission Submission { get; } = submission;

    /// <summary>Bytes moved so far.</summary>
    public int Progress { get; set; }

    /// <summary>Operation.</summary>
    public ConsoleOperation Operation => (ConsoleOperation)Submission.Operation;

    /// <summary>Process group of the asking process.</summary>
    public uint Group => (uint)Submission.A1;

    /// <summary>Session of the asking process.</summary>
    public uint Session => (uint)(Submission.A1 >> 32);

    /// <summary>The shared buffer.</summary>
    public Span<byte> Buffer => Client.Buffer(Submission.PoolOffset, Submission.PoolLength);

    /// <summary>Answers it.</summary>
    public void Complete(long result, ulong v0 = 0, ulong v1 = 0) =>
        Client.Complete(new Completion { Tag = Submission.Tag, Result = result, V0 = v0, V1 = v1 });
}

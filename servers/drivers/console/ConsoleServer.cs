using Libsys.Rings;

namespace Servers.Drivers.Console;

/// <summary>The driver of the serial lines.</summary>
public sealed class ConsoleServer
{
    private readonly IReadOnlyList<SerialLine> lines;

    /// <summary>A driver of these lines.</summary>
    public ConsoleServer(IReadOnlyList<SerialLine> lines) => this.lines = lines;

    /// <summary>Takes over the lines as they are.</summary>
    public void Start()
    {
        foreach (SerialLine line in lines)
            line.Start();
    }

    /// <summary>A client attached: it replaces the one before.</summary>
    public void Attach(ISerialClient client)
    {
        foreach (SerialLine line in lines)
            line.Attach(client);
    }

    /// <summary>Serves a request.</summary>
    public void Submit(ISerialClient client, in Submission submission)
    {
        if (submission.A0 < (ulong)lines.Count)
            lines[(int)submission.A0].Submit(submission);
        else
            client.Complete(new Completion { Tag = submission.Tag, Result = -Errno.ENODEV });
    }

    /// <summary>Serves the lines: after an interrupt.</summary>
    public void Serve()
    {
        foreach (SerialLine line in lines)
            line.Serve();
    }
}

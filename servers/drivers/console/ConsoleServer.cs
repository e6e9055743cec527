using Libsys.Messages;
using Libsys.Rings;
using Servers.Drivers.Console.Terminals;

namespace Servers.Drivers.Console;

/// <summary>The driver: serial lines as terminals, and the requests of clients to them.</summary>
public sealed class ConsoleServer
{
    private const long Enodev = -19;
    private readonly IReadOnlyList<SerialTerminal> terminals;

    /// <summary>A driver of these lines.</summary>
    public ConsoleServer(IReadOnlyList<SerialTerminal> terminals) => this.terminals = terminals;

    /// <summary>True if everything written so far has left.</summary>
    public bool IsDrained
    {
        get
        {
            foreach (SerialTerminal terminal in terminals)
            {
                if (!terminal.IsDrained)
                    return false;
            }

            return true;
        }
    }

    /// <summary>Serves a request: a private copy, all of it the client's claims.</summary>
    public void Submit(IConsoleClient client, in Submission submission)
    {
        var request = new ConsoleRequest(client, submission);
        if (submission.A0 >= (ulong)terminals.Count)
            request.Complete(Enodev);
        else
            terminals[(int)submission.A0].Submit(request);
    }

    /// <summary>A client is gone.</summary>
    public void Forget(IConsoleClient client)
    {
        foreach (SerialTerminal terminal in terminals)
            terminal.Forget(client);
    }

    /// <summary>Serves the lines: after an interrupt.</summary>
    public void ServeLines()
    {
        foreach (SerialTerminal terminal in terminals)
            terminal.ServeLine();
    }
}

using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>
/// Calls an endpoint without blocking the loop: the kernel's calls are synchronous, so a thread of their own waits for the answers, one after the other. For
/// what is rare, connecting say, and whose peer may be hanging or not there yet. One for each peer, so that none waits for another.
/// </summary>
public sealed class EndpointCaller
{
    // The thread copies a message, makes a kernel call and posts an action.
    private const int StackLength = 256 * 1024;

    private readonly ForeignActions answers;
    private readonly Queue<(EndpointHandle Endpoint, Message Message, ulong Deadline, Action<KernelStatus, Message> Answered)> calls = new();
    private bool hasThread;

    /// <summary>A caller for a loop. Its thread begins with the first call.</summary>
    public EndpointCaller(EventLoop loop) => answers = new ForeignActions(loop);

    /// <summary>
    /// Calls; <paramref name="answered"/> runs on the loop's thread, with the status and the reply. Handles that travel with the message must stay open until
    /// then. A call whose deadline passes is withdrawn.
    /// </summary>
    public void Call(EndpointHandle endpoint, in Message message, ulong deadline, Action<KernelStatus, Message> answered)
    {
        if (!hasThread)
        {
            hasThread = true;
            new Thread(Run, StackLength) { IsBackground = true, Name = "endpoint calls" }.Start();
        }

        lock (calls)
        {
            calls.Enqueue((endpoint, message, deadline, answered));
            Monitor.Pulse(calls);
        }
    }

    private void Run()
    {
        for (;;)
        {
            (EndpointHandle Endpoint, Message Message, ulong Deadline, Action<KernelStatus, Message> Answered) call;
            lock (calls)
            {
                while (!calls.TryDequeue(out call))
                    Monitor.Wait(calls);
            }

            Message message = call.Message;
            KernelStatus status = call.Endpoint.Call(ref message, call.Deadline);
            answers.Post(() => call.Answered(status, message));
        }
    }
}

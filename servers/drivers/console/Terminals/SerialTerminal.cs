using Libsys.Messages;
using Servers.Drivers.Console.Discipline;
using Servers.Drivers.Console.Serial;

namespace Servers.Drivers.Console.Terminals;

/// <summary>One serial line as a terminal: UART, line discipline, output queue and the requests that wait.</summary>
public sealed partial class SerialTerminal : IDisciplineSink
{
    private const long Eintr = -4, Eio = -5, Eagain = -11;

    // One turn sends at most this much, so that input and the other lines are looked at in between.
    private const int FifosPerTurn = 64;

    private readonly Uart16550 uart;
    private readonly LineDiscipline discipline;
    private readonly OutputQueue output = new();
    private readonly JobControl jobs;
    private readonly List<ConsoleRequest> readers = [];
    private readonly List<ConsoleRequest> writers = [];
    private readonly List<ConsoleRequest> drains = [];
    private readonly List<ConsoleRequest> polls = [];
    private readonly bool isPresent;
    private bool isStopped;
    private ulong sequence = 1;
    private ulong readiness;

    /// <summary>A terminal on a UART, which is started. Without one, requests answer −EIO.</summary>
    public SerialTerminal(Uart16550 uart, ISignalTarget signals)
    {
        this.uart = uart;
        jobs = new JobControl(signals);
        discipline = new LineDiscipline(this);
        isPresent = uart.TryStart();
        readiness = Readiness();
    }

    /// <summary>Called when there is more to send than one turn sends.</summary>
    public Action? WorkLeft { get; set; }

    /// <summary>True if nothing waits to be sent and the last bit has left.</summary>
    public bool IsDrained => !isPresent || (output.Count == 0 && writers.Count == 0 && uart.IsIdle);

    /// <summary>Serves the UART: takes what has arrived, sends what waits. After an interrupt, and in turns while there is work.</summary>
    public void ServeLine()
    {
        if (!isPresent)
            return;

        // An emulated line delivers faster than a person types; the FIFO bounds what one interrupt finds, a paste is taken in turns.
        for (int count = 0; count < InputQueue.Capacity && uart.HasInput; count++)
            discipline.Receive(uart.Receive());
        Pump();
        AnswerReaders();
    }

    /// <summary>Serves a request, now or later.</summary>
    public void Submit(ConsoleRequest request)
    {
        if (!isPresent && request.Operation is ConsoleOperation.Read or ConsoleOperation.Write or ConsoleOperation.Control)
        {
            request.Complete(Eio);
            return;
        }

        switch (request.Operation)
        {
            case ConsoleOperation.Read:
                readers.Add(request);
                AnswerReaders();
                break;
            case ConsoleOperation.Write:
                SubmitWrite(request);
                break;
            case ConsoleOperation.Control:
                Control(request);
                break;
            case ConsoleOperation.Poll:
                polls.Add(request);
                PublishReadiness();
                break;
            case ConsoleOperation.Drain:
                drains.Add(request);
                Pump();
                break;
            case ConsoleOperation.Cancel:
                Cancel(request.Submission.A1);
                request.Complete(0);
                break;
            case ConsoleOperation.ReleaseSession:
                jobs.Release((uint)request.Submission.A1);
                request.Complete(0);
                break;
            default:
                request.Complete(-38); // ENOSYS
                break;
        }
    }

    /// <summary>A client is gone: its requests are dropped.</summary>
    public void Forget(IConsoleClient client)
    {
        readers.RemoveAll(request => ReferenceEquals(request.Client, client));
        writers.RemoveAll(request => ReferenceEquals(request.Client, client));
        drains.RemoveAll(request => ReferenceEquals(request.Client, client));
        polls.RemoveAll(request => ReferenceEquals(request.Client, client));
    }

    /// <inheritdoc/>
    public void Echo(byte value)
    {
        if (output.Room > 0)
            output.Add(value);
    }

    /// <inheritdoc/>
    public void Signal(int number) => jobs.SignalForeground(number);

    /// <inheritdoc/>
    public void StopOutput(bool stop) => isStopped = stop;

    /// <inheritdoc/>
    public void FlushOutput() => output.Clear();

    private void SubmitWrite(ConsoleRequest request)
    {
        bool stopsBackground = (discipline.Settings.Local & LocalFlags.StopBackgroundOutput) != 0;
        if (stopsBackground && jobs.CheckBackground(request, JobControl.Sigttou) is var refused and not 0)
        {
            request.Complete(refused);
            return;
        }

        writers.Add(request);
        AcceptOutput();
        const ulong doNotWait = 1;
        if (writers.Count > 0 && ReferenceEquals(writers[^1], request) && (request.Submission.A3 & doNotWait) != 0)
        {
            writers.RemoveAt(writers.Count - 1);
            request.Complete(request.Progress > 0 ? request.Progress : Eagain);
        }

        Pump();
    }

    /// <summary>Moves bytes of writing requests to the output queue, in the order in which they came.</summary>
    private void AcceptOutput()
    {
        while (writers.Count > 0 && !isStopped)
        {
            ConsoleRequest request = writers[0];
            ReadOnlySpan<byte> rest = request.Buffer[request.Progress..];
            request.Progress += discipline.Output.IsRaw ? output.Add(rest) : AcceptProcessed(rest);
            if (request.Progress < request.Buffer.Length)
                return;
            writers.RemoveAt(0);
            request.Complete(request.Progress);
        }
    }

    private int AcceptProcessed(ReadOnlySpan<byte> data)
    {
        Span<byte> processed = stackalloc byte[OutputProcessor.LongestExpansion];
        int done = 0;
        while (done < data.Length && output.Room >= OutputProcessor.LongestExpansion)
        {
            int length = discipline.Output.Process(data[done], processed);
            output.Add(processed[..length]);
            done++;
        }

        return done;
    }

    /// <summary>Sends while the transmitter takes bytes; then it interrupts when it is empty.</summary>
    private void Pump()
    {
        for (int fifo = 0; fifo < FifosPerTurn; fifo++)
        {
            AcceptOutput();
            if (output.Count == 0 || isStopped)
                break;
            if (!uart.CanSend)
                break;
            ReadOnlySpan<byte> next = output.Peek();
            next = next[..Math.Min(next.Length, Uart16550.FifoLength)];
            uart.Send(next);
            output.Skip(next.Length);
        }

        bool hasMore = output.Count > 0 && !isStopped;
        bool mayGoOn = hasMore && uart.CanSend;

        // While someone waits for the last bit, the empty transmitter is asked again until the shift register is empty too.
        bool waitsForIdle = drains.Count > 0 && output.Count == 0 && !uart.IsIdle;
        uart.InterruptWhenEmpty(hasMore && !mayGoOn);
        if (mayGoOn || waitsForIdle)
            WorkLeft?.Invoke();
        AnswerDrains();
        PublishReadiness();
    }

    private void AnswerDrains()
    {
        if (drains.Count == 0 || !IsDrained)
            return;
        ConsoleRequest[] done = [.. drains];
        drains.Clear();
        foreach (ConsoleRequest request in done)
        {
            if (request.Operation == ConsoleOperation.Control)
                FinishAfterDrain(request);
            else
                request.Complete(0);
        }
    }

    private ulong Readiness()
    {
        const ulong readable = 0x41, writable = 0x104; // POLLIN | POLLRDNORM, POLLOUT | POLLWRNORM
        return (discipline.IsReadable ? readable : 0) | (output.Room > OutputQueue.Capacity / 2 ? writable : 0);
    }

    /// <summary>Answers the standing polls if something is new. Before reads are answered, so that vfs never believes in bytes that are gone.</summary>
    private void PublishReadiness()
    {
        ulong now = Readiness();
        if (now != readiness)
        {
            readiness = now;
            sequence++;
        }

        for (int index = polls.Count - 1; index >= 0; index--)
        {
            ConsoleRequest poll = polls[index];
            if (poll.Submission.A1 == sequence)
                continue;
            polls.RemoveAt(index);
            poll.Complete(0, sequence, readiness);
        }
    }

    private void Cancel(ulong cookie)
    {
        if (TakeByCookie(readers, cookie) is { } reader)
            reader.Complete(Eintr);
        else if (TakeByCookie(writers, cookie) is { } writer)
            writer.Complete(writer.Progress > 0 ? writer.Progress : Eintr);
        else if (TakeByCookie(drains, cookie) is { } drain)
            drain.Complete(Eintr);
    }

    private static ConsoleRequest? TakeByCookie(List<ConsoleRequest> requests, ulong cookie)
    {
        int index = requests.FindIndex(request => request.Submission.A2 == cookie);
        if (index < 0)
            return null;
        ConsoleRequest found = requests[index];
        requests.RemoveAt(index);
        return found;
    }
}

using Libsys.Hosting;
using Servers.Vfs.Objects;
using Servers.Vfs.Terminals;
using Servers.Vfs.Terminals.Serial;
using Servers.Vfs.Waiting;

namespace Servers.Drivers.Console.Tests;

/// <summary>A raw terminal of vfs on the driver.</summary>
internal sealed class TerminalOnDriver : IClock, ITerminalSignals, IProcessGroups, IAlarm, ISerialLink
{
    private readonly FakeUart uart;
    private readonly DriverUnderTest driver;
    private readonly ReplayQueue<SerialRequest> queue = new();
    private readonly Queue<byte> waiting = new();
    private readonly byte[] buffer = new byte[256];

    public TerminalOnDriver(FakeUart uart)
    {
        this.uart = uart;
        driver = new DriverUnderTest(uart, queue);
        var surroundings = new TerminalSurroundings(this, _ => this, this, this, new TerminalTable());
        Terminal = new Terminal(0, Termios.SerialHardware, surroundings, terminal => new Servers.Vfs.Terminals.Serial.SerialLine(this, terminal, 0));
        Terminal.Opened();
        Terminal.SetRaw();
        ((Servers.Vfs.Terminals.Serial.SerialLine)Terminal.Line).Start();
        Run();
    }

    public Terminal Terminal { get; }

    public List<byte> Read { get; } = [];

    public long Monotonic => 0;

    public long Wall => 0;

    public void Write(byte[] data)
    {
        foreach (byte value in data)
            waiting.Enqueue(value);
    }

    /// <summary>Runs both servers until only the line could change something.</summary>
    public void Run()
    {
        bool works = true;
        while (works)
        {
            works = false;
            for (; waiting.Count > 0 && Terminal.Line.Room > 0; works = true)
                Terminal.Line.Add([waiting.Dequeue()]);
            driver.Run();
            for (int length = Terminal.TakeInput(buffer); length > 0; length = Terminal.TakeInput(buffer))
            {
                works = true;
                Read.AddRange(buffer[..length]);
            }
        }
    }

    /// <summary>Runs until everything has left and arrived.</summary>
    public void Finish()
    {
        do
            Run();
        while (uart.Flush() || waiting.Count > 0);
    }

    public void Submit(SerialRequest request) => queue.Submit(request);

    public void ToGroup(uint group, int signal)
    {
    }

    public void ToProcess(uint pid, int signal)
    {
    }

    public uint SessionOf(uint group) => 0;

    public bool IsOrphaned(uint group) => false;

    public void Set(long deadline)
    {
    }

    public void Cancel()
    {
    }
}

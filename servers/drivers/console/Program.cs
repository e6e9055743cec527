using System.Globalization;
using Libsys.Hosting;
using Servers.Drivers.Console;
using Servers.Drivers.Console.Hosting;
using Servers.Drivers.Console.Serial;
using Servers.Drivers.Console.Terminals;

// The composition root: what the console driver is made of, and nothing else.
const ulong tenthOfASecond = 100_000_000;
var context = ServerContext.Read();
var loop = new EventLoop(context);
var signals = new SignalEndpoint(loop, context.Log);

// Where a PC has its serial ports; the manifest grants them under these names.
(string Name, ushort Port)[] lines = [("com1", 0x3F8), ("com2", 0x2F8), ("com3", 0x3E8)];
var terminals = new List<SerialTerminal>();
foreach ((string name, ushort port) in lines)
{
    var uart = new Uart16550(new UartPorts(new IoPorts(context.Handle(name + ".ports").Index), port));
    var terminal = new SerialTerminal(uart, signals);
    LoopTimer timer = loop.CreateTimer(terminal.ReadTimerExpired);
    terminal.WorkLeft = () => loop.Post(terminal.ServeLine);
    terminal.SetReadTimer = tenths =>
    {
        if (tenths == 0)
            timer.Cancel();
        else
            timer.Set(SystemClock.Now + (ulong)tenths * tenthOfASecond);
    };
    terminals.Add(terminal);
}

var server = new ConsoleServer(terminals);
foreach (string name in (string[])["com1.interrupt", "com2.interrupt"])
{
    Interrupt interrupt = context.Interrupt(name);
    loop.Add(interrupt, () =>
    {
        server.ServeLines();
        interrupt.Acknowledge();
    });
    interrupt.Acknowledge();
}

var control = new ControlEndpoint(loop, server, signals, context);
loop.Add(new EndpointHandle(context.Handle("control").Index), control.Receive);
context.Log.Write(string.Create(CultureInfo.InvariantCulture, $"{terminals.Count} serial lines"));
context.SignalReady();
loop.Run();
return 0;

using System.Globalization;
using Libsys.Hosting;
using Servers.Drivers.Console;
using Servers.Drivers.Console.Hosting;
using Servers.Drivers.Console.Serial;

// The composition root: what the console driver is made of, and nothing else.
var context = ServerContext.Read();
var loop = new EventLoop(context);

// Where a PC has its serial ports; the manifest grants them under these names.
(string Name, ushort Port)[] ports = [("com1", 0x3F8), ("com2", 0x2F8), ("com3", 0x3E8)];
var lines = new List<SerialLine>();
foreach ((string name, ushort port) in ports)
{
    var line = new SerialLine(new Uart16550(new UartPorts(new IoPorts(context.Handle(name + ".ports").Index), port, context.Health)));
    line.WorkLeft = () => loop.Post(line.Serve);
    lines.Add(line);
}

var server = new ConsoleServer(lines);
var control = new ControlEndpoint(loop, server, context);

// Up to here nothing was touched: another generation may be at work, while this process waits to take its place.
context.Standby();
loop.ClientGone += control.DropLostClient;
server.Start();
foreach (string name in (string[])["com1.interrupt", "com2.interrupt"])
{
    Interrupt interrupt = context.Interrupt(name);
    loop.Add(interrupt, () =>
    {
        interrupt.Acknowledge();
        server.Serve();
    });
    interrupt.Acknowledge();
}

loop.Add(new EndpointHandle(context.Handle("control").Index), control.Receive);
context.Log.Write(string.Create(CultureInfo.InvariantCulture, $"{lines.Count} serial lines"));
context.SignalReady();
loop.Run();
return 0;

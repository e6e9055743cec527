using Libsys.Hosting;
using Libsys.Hosting.Devices;
using Libsys.Hosting.Programs;
using Servers.Drivers.Rtc;

// The composition root: what the driver is made of, and nothing else.
var context = ServerContext.Read();
var loop = new EventLoop(context);
Interrupt interrupt = context.Interrupt("clock.interrupt");
ProgramServer server = null!;
var clock = new RtcDevice(new BatteryClock(new IoPorts(context.Handle("clock.ports").Index))) { Changed = () => server.Changed() };
loop.Add(interrupt, () =>
{
    clock.Interrupted();
    interrupt.Acknowledge();
});
clock.Start();
interrupt.Acknowledge();
server = new ProgramServer(loop, context, clock);
context.SignalReady();
loop.Run();
return 0;

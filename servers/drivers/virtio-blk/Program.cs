using System.Globalization;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Devices;
using Libsys.Messages;
using Servers.Drivers.VirtioBlk.Disks;
using Servers.Drivers.VirtioBlk.Hosting;

// The composition root: what the driver is made of, and nothing else.
const int mostDisks = LoopBits.LastInterrupt - LoopBits.FirstInterrupt + 1;
var context = ServerContext.Read();
var loop = new EventLoop(context);
var pci = new EndpointHandle(context.Handle("pci").Index);
MappedMemory table = PciDevice.MapTable(pci);
var disks = new List<VirtioDisk>();
var control = new ControlEndpoint(loop, disks, context);

// Up to here nothing was touched: another generation may be at work, while this process waits to take its place.
context.Standby();
loop.ClientGone += control.DropLostClient;
for (int number = 0; number < mostDisks; number++)
{
    int bit = LoopBits.FirstInterrupt + number;
    if (PciDevice.Claim(pci, table, number, vectors: 1, loop.Notification, bit) is not { } function)
        break;
    if (function.Vectors == 0)
        throw new InvalidOperationException($"disk {number} cannot interrupt by message");
    var disk = new VirtioDisk(function);
    disks.Add(disk);
    loop.Add(new Interrupt(0, 1ul << bit), disk.Serve);
}

var identification = new Identification(disks, () =>
{
    loop.Add(new EndpointHandle(context.Handle("control").Index), control.Receive);
    context.Log.Write(string.Create(CultureInfo.InvariantCulture, $"{disks.Count} disks"));
    context.SignalReady();
});
identification.Start();
loop.Run();
return 0;

using System.Globalization;
using Libsys.Hosting;
using Libsys.Hosting.Devices;
using Libsys.Hosting.Devices.Disks;
using Servers.Drivers.Nvme.Controller;
using Servers.Drivers.Nvme.Disks;

// What a controller that is dead may have had: others are not known of it.
const uint firstNamespace = 1;

// The composition root: what the driver is made of, and nothing else.
var context = ServerContext.Read();
var loop = new EventLoop(context);
var pci = new EndpointHandle(context.Handle("pci").Index);
MappedMemory table = PciDevice.MapTable(pci);
var disks = new List<IServedDisk>();
var control = new DiskEndpoint(loop, disks, context);

// Up to here nothing was touched: another generation may be at work, while this process waits to take its place.
context.Standby();
loop.ClientGone += control.DropLostClient;
foreach ((PciDevice function, Interrupt interrupt) in PciDevice.ClaimAll(pci, table, loop, context))
{
    ControllerDisks? controller = DeviceStart.Try(function, context.Log, () => new ControllerDisks(new NvmeController(function), context.Log));
    if (controller == null)
    {
        disks.Add(new LostDisk(function, firstNamespace));
        continue;
    }

    disks.AddRange(controller.Disks);
    loop.Add(interrupt, controller.Serve);
}

loop.Add(new EndpointHandle(context.Handle("control").Index), control.Receive);
context.Log.Write(string.Create(CultureInfo.InvariantCulture, $"{disks.Count} disks"));
context.SignalReady();
loop.Run();
return 0;

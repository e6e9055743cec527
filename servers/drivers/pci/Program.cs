using System.Globalization;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Keeping;
using Libsys.Hosting.Manifest;
using Libsys.Messages;
using Servers.Drivers.Pci.Bus;
using Servers.Drivers.Pci.Hosting;

// The composition root: what the pci server is made of, and nothing else.
var context = ServerContext.Read();
var loop = new EventLoop(context);
var machine = new MachineHandle(context.Handle("machine").Index);
var kept = new AccountHandle(context.Handle("kept").Index);
var names = new KeptObjects(context.Supervisor);
(MemoryObjectHandle table, MappedMemory memory) = KeptTable.Open(names, kept);
var published = new PublishedFunctions(memory);
EnhancedConfiguration? space = EnhancedConfiguration.Find(machine, new IoPorts(context.Handle("configuration.ports").Index));
List<Function> functions = space == null ? [] : Enumeration.Find(space);
if (space == null)
    context.Log.Write("the host bridge shows no configuration space in memory: no function is used");
if (functions.Count > FunctionTable.Entries)
    context.Log.Write($"{functions.Count} functions: those beyond {FunctionTable.Entries} are not used");
var owners = OwnedFunction.Read(context.Setting(StartSetting.Functions) ?? "");
var devices = new List<DrivenFunction>();
for (int place = 0; place < Math.Min(functions.Count, FunctionTable.Entries); place++)
{
    Function function = functions[place];
    if (!published.TryRestore(place, function))
        Enumeration.Size(function);
    string owner = owners.FirstOrDefault(owned => owned.Identity == new FunctionIdentity(function.Vendor, function.Device))?.Owner ?? "";
    published.Write(place, function, owner);
    if (owner.Length > 0)
        devices.Add(new DrivenFunction(function, place, owner, machine, kept, names, context.Health));
}

foreach (string name in names.Names())
    devices.Exists(device => device.TryAdopt(name));
var refused = new RefusedAccesses(context, machine, devices);
bool isConfined = refused.Watch(loop);
if (!isConfined)
    context.Log.Write("no IOMMU: drivers are trusted to have their devices use no memory but what is lent to them");
var control = new ControlEndpoint(context, table, published, devices, isConfined ? refused : null);
loop.ClientGone += control.QuiesceAbandoned;
loop.Add(new EndpointHandle(context.Handle("control").Index), control.Receive);
context.Log.Write(string.Create(CultureInfo.InvariantCulture, $"{functions.Count} functions, {devices.Count} with a driver"));
context.SignalReady();
loop.Run();
return 0;

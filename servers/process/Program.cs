using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Publishing;
using Servers.Processes.Requests;
using Servers.Processes.Spaces;

// The process server: who is whose child, who may signal whom, which program runs in which address space.
ServerContext context = ServerContext.Read();
var loop = new EventLoop(context);

const ulong TableLength = (ulong)ProcessTable.EntryLength * ProcessTable.Entries;
KernelStatus status = MappedMemory.TryMap(
    new MemoryObjectHandle(context.Handle("process.table").Index), 0, TableLength, MapFlags.Read | MapFlags.Write | MapFlags.Shared, out MappedMemory? table);
if (status != KernelStatus.Ok)
{
    context.Log.Write($"the process table cannot be mapped: {status}");
    return 1;
}

// Programs call an endpoint of their own: the one that other servers hold is not for them.
status = EndpointHandle.TryCreate(out EndpointHandle programs);
if (status != KernelStatus.Ok)
{
    context.Log.Write($"no endpoint: {status}");
    return 1;
}

var ids = new IdsPublisher();
var load = new LoadAverage();
var vfs = new VfsControlClient(new EndpointHandle(context.Handle("vfs").Index));
if (vfs.SharePosted() is var sharing and not KernelStatus.Ok)
    context.Log.Write($"nothing is posted to vfs: {sharing}");
var service = new ProcessService(context, programs, vfs, new ProcessTablePublisher(table!, ids), ids, load, loop);
loop.Add(programs, service.Receive, fromKernel: true);
service.ConnectTerminals(loop);

LoopTimer? sampling = null;
sampling = loop.CreateTimer(() =>
{
    load.Add(SystemClock.Runnable);
    sampling!.Set(sampling.Deadline + LoadAverage.SampleNanoseconds);
});
sampling.Set(SystemClock.Now + LoadAverage.SampleNanoseconds);

loop.Post(() =>
{
    service.StartFirst();
    context.SignalReady();
});
loop.Run();
return 0;

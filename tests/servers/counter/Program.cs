using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Keeping;
using Tests.Servers.Counting.Server;

// A server of tests: it adds numbers, and no death of it loses or doubles one.
const string StateName = "state";
var context = ServerContext.Read();
var loop = new EventLoop(context);
context.Standby();

var objects = new KeptObjects(context.Supervisor);
Span<KernelHandle> found = stackalloc KernelHandle[KeptObjects.MostHandles];
bool isFirst = objects.TryFind(StateName, found, out _) == KeepStatus.NotFound;
MemoryObjectHandle memory = new(found[0].Index);
if (isFirst)
    Check(MemoryObjectHandle.TryCreate(CounterServer.StateLength, MemoryFlags.Sealed, out memory, new AccountHandle(context.Handle("kept").Index)));
Check(MappedMemory.TryMap(memory, 0, CounterServer.StateLength, MapFlags.Read | MapFlags.Write | MapFlags.Shared, out MappedMemory? mapped));
var death = new Death(context);
KeptState state;
if (isFirst)
{
    state = KeptState.Make(mapped!);
    if (objects.Keep(StateName, memory.Handle) != KeepStatus.Ok)
        throw new InvalidOperationException("the state cannot be kept");
}
else
{
    state = KeptState.Open(mapped!, death.Step);
}

memory.Handle.Close();
state.Step = death.Step;
loop.Crashing = death.Arm;
var server = new CounterServer(loop, context, objects, state);
server.Resume();
loop.Add(new EndpointHandle(context.Handle("control").Index), server.Receive);
if (context.Attempt > 0)
    context.Log.Write($"attempt {context.Attempt}");
new AccountHandle(context.Handle("kept").Index).TryQuery(out AccountState account);
context.Log.Write($"kept account holds {account.Frames} frames under {objects.Names().Count} names{(isFirst ? ", begun empty" : "")}");
context.SignalReady();
loop.Run();
return 0;

static void Check(KernelStatus status)
{
    if (status != KernelStatus.Ok)
        throw new InvalidOperationException($"no memory for the state: {status}");
}

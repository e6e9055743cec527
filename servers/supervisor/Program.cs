using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Manifest;
using Servers.Supervisor;

// The first program: the kernel gives it the machine, the root account and the boot archive, and nothing is above it. What it cannot handle ends
// the machine with a clear line, because nobody else could.
var machine = new MachineHandle(WellKnownHandle.BootMachine);
var log = new Log(machine, "supervisor", generation: 1);
if (!MachinePower.TryCreate(machine, out MachinePower? power))
{
    log.Write("no I/O ports for switching off");
    machine.Halt();
    return 1;
}

try
{
    RealTimeClock.SetSystemTime(machine, log);
    BootManifest manifest = BootArchiveManifest.Read();
    var loop = new EventLoop(log) { Failing = () => Panic(log, power!, "the supervisor has failed") };
    ServerStartException.Check(new ThreadHandle(WellKnownHandle.CurrentThread).SetPriority(Supervision.Priority), "priority");
    var watchdog = new Watchdog(cause => Panic(log, power!, cause));
    var supervisor = new Supervision(loop, log, machine, power!, manifest, BootArchiveManifest.HasCommand(), watchdog);
    supervisor.Start();
    watchdog.Start();
    loop.Run();
}
catch (Exception error) when (error is InvalidDataException or ManifestException or ServerStartException)
{
    log.Write("cannot start: " + error.Message);
}

power!.Off(failed: true);
return 1;

static void Panic(Log log, MachinePower power, string cause)
{
    log.Write($"PANIC: {cause}, and nothing is above it to start it again");
    power.Off(failed: true);
}

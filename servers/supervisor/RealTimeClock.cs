using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Devices;

namespace Servers.Supervisor;

/// <summary>Sets the system's wall clock by the battery-backed one, once; after that the ports are free for a driver.</summary>
internal static class RealTimeClock
{
    /// <summary>Sets the wall clock. Without a readable clock time starts at 1970, which is logged.</summary>
    public static void SetSystemTime(MachineHandle machine, Log log)
    {
        if (machine.TryCreatePorts(BatteryClock.FirstPort, BatteryClock.PortCount, out IoPorts ports) != KernelStatus.Ok)
        {
            log.Write("no access to the real-time clock; time starts at 1970");
            return;
        }

        if (new BatteryClock(ports).TryRead(out DateTime time))
        {
            // Unix time counts from 1970; the offset is to time zero, which was at boot.
            ulong now = (ulong)(time - DateTime.UnixEpoch).Ticks * 100;
            machine.SetClock(now - SystemClock.Now);
        }
        else
        {
            log.Write("the real-time clock gives no valid time; time starts at 1970");
        }

        ports.Handle.Close();
    }
}

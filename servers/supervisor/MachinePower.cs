using Libsys.Abi;
using Libsys.Hosting;

namespace Servers.Supervisor;

/// <summary>Ends the machine.</summary>
internal sealed class MachinePower
{
    // QEMU's isa-debug-exit device: ends QEMU with twice the value plus 1. 0x10 is what the run tool takes for an ordinary power-off.
    private const ushort DebugExitPort = 0xF4;
    private const byte OrdinaryEnd = 0x10;
    private const byte FailedEnd = 0x11;

    // PM1a control register of QEMU's q35 machine (ICH9 PMBASE 0x600 + 4); SLP_EN with SLP_TYP 0 is its S5 (ACPI 6.4 §4.8.3.2.1).
    private const ushort PowerManagementPort = 0x604;
    private const ushort SoftOff = 0x2000;

    // Reset control register of the ICH9 (datasheet §13.7.5): full CPU reset.
    private const ushort ResetPort = 0xCF9;
    private const byte FullReset = 6;

    private readonly MachineHandle machine;
    private readonly IoPorts debugExit;
    private readonly IoPorts powerManagement;
    private readonly IoPorts reset;

    private MachinePower(MachineHandle machine, IoPorts debugExit, IoPorts powerManagement, IoPorts reset)
    {
        this.machine = machine;
        this.debugExit = debugExit;
        this.powerManagement = powerManagement;
        this.reset = reset;
    }

    /// <summary>Takes the ports that are needed; done first, so that it cannot fail when it matters.</summary>
    public static bool TryCreate(MachineHandle machine, out MachinePower? power)
    {
        power = null;
        if (machine.TryCreatePorts(DebugExitPort, 4, out IoPorts debugExit) != KernelStatus.Ok
            || machine.TryCreatePorts(PowerManagementPort, 2, out IoPorts powerManagement) != KernelStatus.Ok
            || machine.TryCreatePorts(ResetPort, 1, out IoPorts reset) != KernelStatus.Ok)
            return false;
        power = new MachinePower(machine, debugExit, powerManagement, reset);
        return true;
    }

    /// <summary>Switches off. A failure is told to whoever started the machine.</summary>
    public void Off(bool failed)
    {
        debugExit.Write32(DebugExitPort, failed ? FailedEnd : OrdinaryEnd);
        powerManagement.Write16(PowerManagementPort, SoftOff);
        machine.Halt();
    }

    /// <summary>Resets the machine.</summary>
    public void Restart()
    {
        reset.Write8(ResetPort, FullReset);
        machine.Halt();
    }
}

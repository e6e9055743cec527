using System.Globalization;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Manifest;
using Libsys.Messages;

namespace Servers.Supervisor;

/// <summary>A server's I/O ports and interrupts: made once, handed to each of its processes.</summary>
internal sealed class ServerHardware
{
    private readonly List<(string Name, KernelHandle Handle, Rights Rights)> handles = [];
    private readonly List<(string Name, ulong Bits)> interrupts = [];

    /// <summary>Takes the hardware that the manifest names; interrupts signal <paramref name="loop"/>.</summary>
    /// <exception cref="ServerStartException">Somebody else has it.</exception>
    public ServerHardware(ServerDescription server, MachineHandle machine, NotificationHandle loop)
    {
        int bit = LoopBits.FirstInterrupt;
        foreach (HardwareResource resource in server.Resources)
        {
            string what = server.Name + ": " + resource.Name;
            if (resource.Kind == HardwareKind.IoPorts)
            {
                ServerStartException.Check(machine.TryCreatePorts((ushort)resource.First, (uint)resource.Count, out IoPorts ports), what);
                handles.Add((resource.Name, ports.Handle, Rights.Signal));
                continue;
            }

            if (bit > LoopBits.LastInterrupt)
                throw new ServerStartException($"{server.Name}: too many interrupts");
            ulong bits = 1ul << bit++;
            ServerStartException.Check(machine.TryCreateInterrupt((uint)resource.First, loop, bits, out KernelHandle interrupt), what);
            handles.Add((resource.Name, interrupt, Rights.Wait));
            interrupts.Add((resource.Name, bits));
        }
    }

    /// <summary>Names, handles and rights for a process.</summary>
    public IEnumerable<(string Name, KernelHandle Handle, Rights Rights)> Handles => handles;

    /// <summary>Tells a process which bits its interrupts signal.</summary>
    public void Describe(StartTableBuilder table)
    {
        foreach ((string name, ulong bits) in interrupts)
            table.AddSetting(StartSetting.InterruptBits + name, bits.ToString(CultureInfo.InvariantCulture));
    }
}

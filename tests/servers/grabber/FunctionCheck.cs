using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Devices;
using Libsys.Messages;

namespace Tests.Servers.Grabbing;

/// <summary>
/// A driver that wants more than its one function: another's, registers before it has claimed anything, more registers, memory and interrupts than it is given.
/// </summary>
internal sealed class FunctionCheck(ServerContext context, EventLoop loop) : CountedCheck(context.Log)
{
    private const long NotPermitted = -1, NoRegisters = -6, NoDevice = -19, BadArgument = -22; // EPERM, ENXIO, ENODEV, EINVAL
    private const ulong Page = 4096, Bit = LoopBits.FirstInterrupt;

    // Of a controller of serial ATA disks, AHCI 1.3.1 §2.1.11.
    private const ulong OwnRegister = 5;

    private readonly EndpointHandle pci = new(context.Handle("pci").Index);

    /// <summary>All of it; the log tells.</summary>
    public void Check()
    {
        Message table = Ask(PciOperation.Table, 0);
        var published = new MemoryObjectHandle(table.Handles[0]);
        Expect(
            MappedMemory.TryMap(published, 0, Page, MapFlags.Read | MapFlags.Write | MapFlags.Shared, out _) == KernelStatus.NoRight, "the table is written");
        // Nothing before the claim.
        Expect(Ask(PciOperation.Registers, 0, OwnRegister).Words[0] == Word(NotPermitted), "registers without a claim");
        Expect(Ask(PciOperation.Enable, 0).Words[0] == Word(NotPermitted), "a device is enabled without a claim");
        Expect(Ask(PciOperation.Reset, 0).Words[0] == Word(NotPermitted), "a device is reset without a claim");
        // Nobody else's, by any number.
        foreach (ulong number in (ulong[])[1, 2, 63, uint.MaxValue, ulong.MaxValue])
        {
            Expect(Claim(number, 1, Bit).Words[0] == Word(NoDevice), $"function {number} is claimed");
            Expect(Ask(PciOperation.Registers, number, 0).Words[0] == Word(NoDevice), $"registers of function {number}");
            Expect(Ask(PciOperation.Enable, number).Words[0] == Word(NoDevice), $"function {number} is enabled");
            Expect(Ask(PciOperation.Reset, number).Words[0] == Word(NoDevice), $"function {number} is reset");
        }

        foreach ((ulong vectors, ulong bit) in (ReadOnlySpan<(ulong, ulong)>)
            [(0, Bit), (PciLimits.Vectors + 1, Bit), (ulong.MaxValue, Bit), (1, Bit - 1), (1, LoopBits.LastInterrupt + 1), (2, LoopBits.LastInterrupt)])
        {
            Expect(Claim(0, vectors, bit).Words[0] == Word(BadArgument), $"{vectors} interrupts from bit {bit} on");
        }

        OfOwn(published);
        published.Handle.Close();
        Conclude("functions and registers");
    }

    private void OfOwn(MemoryObjectHandle published)
    {
        Message claim = Claim(0, 1, Bit);
        Expect(claim.Words[0] == 0 && claim.HandleCount > 0, "its own function is not to be had");
        var domain = new DmaDomainHandle(claim.Handles[0]);
        Expect(domain.UnpinAll() == KernelStatus.NoRight, "all pins of a device are taken away");
        Expect(
            domain.Handle.TryQuery(out _, out Rights rights) == KernelStatus.Ok && rights == (Rights.Signal | Rights.Duplicate), "more rights over a device");
        foreach ((ulong register, ulong part) in (ReadOnlySpan<(ulong, ulong)>)
            [(OwnRegister, 1), (OwnRegister, ulong.MaxValue), (OwnRegister - 1, 0), (PciLimits.Registers, 0), (ulong.MaxValue, 0)])
        {
            Expect(Ask(PciOperation.Registers, 0, register, part).Words[0] == Word(NoRegisters), $"part {part} of base address register {register}");
        }

        Message registers = Ask(PciOperation.Registers, 0, OwnRegister);
        Expect(registers.Words[0] == 0 && registers.HandleCount == 1, "its own registers are not to be had");
        var memory = new MemoryObjectHandle(registers.Handles[0]);
        ulong length = registers.Words[2];
        // Mapping behind the end is allowed, as for all objects, and touching is a fault (the kernel's MemoryTests); pinning touches.
        Span<ulong> address = stackalloc ulong[1];
        Expect(domain.TryPin(memory, length, address, out _) != KernelStatus.Ok, "registers behind the last are pinned");
        Expect(domain.TryPin(published, 0, address, out _) == KernelStatus.NoRight, "a device writes the table");
        Expect(
            MappedMemory.TryMap(memory, 0, length, MapFlags.Read | MapFlags.Execute | MapFlags.Shared, out _) == KernelStatus.NoRight, "registers as code");
        registers.CloseHandles();
        claim.CloseHandles();
    }

    private static ulong Word(long error) => (ulong)error;

    private Message Claim(ulong function, ulong vectors, ulong bit)
    {
        Message message = default;
        (message.Words[1], message.Words[2], message.Words[3]) = (function, vectors, bit);
        message.HandleCount = 1;
        message.Handles[0] = loop.Notification.Index;
        message.Rights[0] = (uint)(Rights.Signal | Rights.Duplicate);
        return Call(PciOperation.Claim, message);
    }

    private Message Ask(PciOperation operation, ulong first, ulong second = 0, ulong third = 0)
    {
        Message message = default;
        (message.Words[1], message.Words[2], message.Words[3]) = (first, second, third);
        return Call(operation, message);
    }

    private Message Call(PciOperation operation, Message message)
    {
        message.Words[0] = (ulong)operation;
        Expect(pci.Call(ref message) == KernelStatus.Ok, $"no answer to {operation}");
        return message;
    }
}

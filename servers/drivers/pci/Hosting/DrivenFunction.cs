using System.Globalization;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Devices;
using Libsys.Hosting.Keeping;
using Libsys.Messages;
using Servers.Drivers.Pci.Bus;

namespace Servers.Drivers.Pci.Hosting;

/// <summary>
/// A function with a driver, and what its present driver has of it. What the device may reach is kept for a successor of this server; registers and interrupts
/// live with who holds them.
/// </summary>
internal sealed class DrivenFunction
{
    private readonly MachineHandle machine;
    private readonly AccountHandle kept;
    private readonly KeptObjects names;
    private readonly MessageTable? messages;
    private readonly MappedMemory? messageMemory;

    // Domains of claims whose device has not been reset since: it may still write there.
    private readonly List<string> endedDomains = [];
    private readonly string prefix;
    private readonly FunctionReset reset;

    // What the present claim has been given to interrupt by, to be written again behind a reset.
    private readonly List<(ulong Address, uint Data)> given = [];
    private string domainName = "";
    private uint lastDomain;

    /// <summary>A function, which nobody has claimed of this process.</summary>
    public DrivenFunction(Function function, int place, string owner, MachineHandle machine, AccountHandle kept, KeptObjects names, ServerHealth health)
    {
        (Function, Place, Owner, this.machine, this.kept, this.names) = (function, place, owner, machine, kept, names);
        prefix = string.Create(CultureInfo.InvariantCulture, $"domain.{function.Address:x4}.");
        // Nobody else is served meanwhile: a reset is rare, and callers have seconds.
        reset = new FunctionReset(function, milliseconds => DeviceTime.Pass(milliseconds, health));
        messages = MessageTable.Find(function);
        if (messages != null && Range(messages.Register) is { IsMemory: true } range)
        {
            (ulong first, ulong end) = MessagePages(messages);
            if (end <= Math.Max(range.Length, RegisterMemory.PageLength))
                messageMemory = RegisterMemory.Map(machine, range.Address + first, end - first);
        }
    }

    /// <summary>The function.</summary>
    public Function Function { get; }

    /// <summary>Place in the table.</summary>
    public int Place { get; }

    /// <summary>Server that drives it.</summary>
    public string Owner { get; }

    /// <summary>Process that has claimed it; 0: none of this server's life.</summary>
    public ulong Claimant { get; private set; }

    /// <summary>How it can be reset without its driver.</summary>
    public ResetMethod ResetMethod => reset.Method;

    /// <summary>Its device has reached for what was not lent to it, since the last claim.</summary>
    public bool HasStrayed { get; set; }

    /// <summary>A domain that a predecessor has kept is this device's: it stays until the device has been reset.</summary>
    public bool TryAdopt(string name)
    {
        if (!name.StartsWith(prefix, StringComparison.Ordinal))
            return false;
        endedDomains.Add(name);
        if (uint.TryParse(name.AsSpan(prefix.Length), CultureInfo.InvariantCulture, out uint number))
            lastDomain = Math.Max(lastDomain, number);
        return true;
    }

    /// <summary>Cuts the device off and makes what its next driver gets. 0 or −errno; handles are the caller's to send and close.</summary>
    public long Claim(ulong claimant, int vectors, int firstBit, NotificationHandle notification, Span<KernelHandle> handles, out int count)
    {
        count = 0;
        Claimant = 0;
        HasStrayed = false;
        if (!Function.TryCutOff() && !reset.TryReset())
            return -Errno.EIO;
        if (domainName.Length > 0)
            endedDomains.Add(domainName);
        domainName = "";
        vectors = messages == null || messageMemory == null ? 0 : Math.Min(vectors, messages.Count);
        Action<uint, uint> write = Write;
        given.Clear();
        messages?.Stop(write);
        if (machine.TryCreateDmaDomain(out DmaDomainHandle domain, kept, Function.Address) != KernelStatus.Ok)
            return -Errno.ENOMEM;
        handles[count++] = domain.Handle;
        string name = prefix + (lastDomain + 1).ToString(CultureInfo.InvariantCulture);
        if (names.Keep(name, domain.Handle) != KeepStatus.Ok)
            return -Errno.ENOMEM;
        (domainName, lastDomain) = (name, lastDomain + 1);
        for (int vector = 0; vector < vectors; vector++)
        {
            if (machine.TryCreateMessageInterrupt(notification, 1ul << (firstBit + vector), out KernelHandle interrupt, out ulong address, out uint data, kept)
                != KernelStatus.Ok)
            {
                return -Errno.ENOSPC;
            }

            handles[count++] = interrupt;
            MessageTable.Set(vector, address, data, write);
            given.Add((address, data));
        }

        if (vectors > 0)
            messages!.Start();
        Function.AnswerAtRegisters();
        Claimant = claimant;
        return 0;
    }

    /// <summary>
    /// Cuts the device off if whoever has claimed it has ended, so that it does not go on until somebody claims it next. −EBUSY: it runs; −EIO: the device
    /// does not obey.
    /// </summary>
    public long Quiesce(Func<ulong, bool> isAlive)
    {
        if (Claimant != 0 && isAlive(Claimant))
            return -Errno.EBUSY;
        return Function.TryCutOff() || reset.TryReset() ? 0 : -Errno.EIO;
    }

    /// <summary>
    /// Resets the function for whoever has claimed it and cannot: it answers at its registers as before, interrupts by the same messages, and reaches no memory
    /// until <see cref="Enable"/>. It is cut off in any case. −EOPNOTSUPP: it has no way to be reset; −EIO: it is not there any more, or does not obey.
    /// </summary>
    public long Reset()
    {
        bool canBe = reset.Method != ResetMethod.None;
        bool isReset = reset.TryReset();
        Action<uint, uint> write = Write;
        if (isReset || !canBe)
        {
            // Its table of messages lies in its memory, which it has to answer at first.
            Function.AnswerAtRegisters();
            messages?.Stop(write);
            for (int vector = 0; vector < given.Count; vector++)
                MessageTable.Set(vector, given[vector].Address, given[vector].Data, write);
            if (given.Count > 0)
                messages!.Start();
        }

        return isReset ? 0 : canBe ? -Errno.EIO : -Errno.EOPNOTSUPP;
    }

    /// <summary>The device has been reset: what earlier claims were given is out of its reach.</summary>
    public void Enable()
    {
        foreach (string name in endedDomains)
            names.Release(name);
        endedDomains.Clear();
        Function.Enable();
    }

    /// <summary>Registers of the function that its driver may have: all pages but those of the interrupt messages. 0 or −errno.</summary>
    public long Registers(int register, int part, out MemoryObjectHandle memory, out ulong offset, out ulong length)
    {
        memory = default;
        (offset, length) = (0, 0);
        if (Range(register) is not { IsMemory: true } range || (range.Address & (RegisterMemory.PageLength - 1)) != 0)
            return -Errno.ENXIO;
        foreach ((ulong first, ulong end) in Parts(register, PagesUp(range.Length)))
        {
            if (part-- > 0)
                continue;
            (offset, length) = (first, end - first);
            return machine.TryCreateDeviceMemory(range.Address + offset, length, out memory, kept) == KernelStatus.Ok ? 0 : -Errno.ENOMEM;
        }

        return -Errno.ENXIO;
    }

    // What lies before and behind the pages of the interrupt messages.
    private IEnumerable<(ulong First, ulong End)> Parts(int register, ulong length)
    {
        (ulong first, ulong end) = messages?.Register == register ? MessagePages(messages) : (length, length);
        if (first > 0)
            yield return (0, Math.Min(first, length));
        if (end < length)
            yield return (end, length);
    }

    private static (ulong First, ulong End) MessagePages(MessageTable table) =>
        (table.Offset & ~(RegisterMemory.PageLength - 1), PagesUp((ulong)(table.Offset + table.Count * MessageTable.EntryLength)));

    private static ulong PagesUp(ulong bytes) => (bytes + RegisterMemory.PageLength - 1) & ~(RegisterMemory.PageLength - 1);

    private FunctionRange? Range(int register) => register >= 0 && register < PciLimits.Registers && register < Function.Ranges.Count
        ? Function.Ranges[register] : null;

    private void Write(uint offset, uint value) => messageMemory?.WriteUInt32((messages!.Offset & (RegisterMemory.PageLength - 1)) + offset, value);
}

namespace Servers.Vfs.Processes;

/// <summary>The processes of a space by the slot that each request of theirs names: mostly there is one, and it is remembered.</summary>
public sealed class ProcessSlots
{
    private readonly Dictionary<uint, ClientProcess> all = [];
    private uint lastSlot;
    private ClientProcess? last;

    /// <summary>All processes.</summary>
    public IEnumerable<ClientProcess> Values => all.Values;

    /// <summary>The process in a slot.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public ClientProcess this[uint slot] => Find(slot) ?? throw new KeyNotFoundException($"slot {slot} is free");

    /// <summary>The process in a slot, or null.</summary>
    public ClientProcess? Find(uint slot) => last != null && slot == lastSlot ? last : FindOther(slot);

    /// <summary>A process enters a slot.</summary>
    /// <exception cref="ArgumentException">The slot is taken.</exception>
    public void Add(uint slot, ClientProcess process) => all.Add(slot, process);

    /// <summary>A process leaves its slot; null: it was free.</summary>
    public ClientProcess? Remove(uint slot)
    {
        last = null;
        all.Remove(slot, out ClientProcess? process);
        return process;
    }

    /// <summary>All leave.</summary>
    public void Clear()
    {
        last = null;
        all.Clear();
    }

    private ClientProcess? FindOther(uint slot)
    {
        if (!all.TryGetValue(slot, out ClientProcess? process))
            return null;
        (lastSlot, last) = (slot, process);
        return process;
    }
}

using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Processes;

/// <summary>The slots in which a space sees its open files (docs/files-in-memory.md).</summary>
public sealed class FileArea
{
    private readonly ISourcePage page;
    private readonly FileSlot[] slots = new FileSlot[FileSlots.Count];
    private uint next;

    /// <summary>All slots are free.</summary>
    /// <param name="page">The memory, <see cref="FileSlots.AreaLength"/> bytes.</param>
    public FileArea(ISourcePage page)
    {
        this.page = page;
        for (uint number = 0; number < slots.Length; number++)
            slots[number] = new FileSlot(page.Memory, number);
    }

    /// <summary>The slot of a handle; null: it has none here.</summary>
    public FileSlot? Known(OpenFile file, HandleTable table, ulong handle)
    {
        FileSlot? slot = file.FirstSlot;
        while (slot != null && !(slot.Table == table && slot.Handle == handle && slots[slot.Number] == slot))
            slot = slot.NextOfFile;
        return slot;
    }

    /// <summary>The slot of a handle, one that it gets now, or null: all are taken.</summary>
    public FileSlot? Find(OpenFile file, HandleTable table, ulong handle)
    {
        if (Known(file, table, handle) is { } known)
            return known;
        for (uint count = 0; count < slots.Length; count++)
        {
            FileSlot slot = slots[next++ % slots.Length];
            if (slot.File != null)
                continue;
            slot.Open(file, table, handle);
            return slot;
        }

        return null;
    }

    /// <summary>True for a slot of this area.</summary>
    public bool Has(FileSlot slot) => slots[slot.Number] == slot;

    /// <summary>No process with a table writes its files in memory any more.</summary>
    public void EndWriting(HandleTable table)
    {
        foreach (FileSlot slot in slots)
        {
            if (slot.Table == table && slot.File!.Inode is var inode && inode.Writer == slot)
                inode.EndWriting();
        }
    }

    /// <summary>The space is gone. Offsets that it had are taken back.</summary>
    public void Close()
    {
        foreach (FileSlot slot in slots)
        {
            if (slot.File != null)
                slot.Close();
        }

        page.Destroy();
    }
}

using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Served;

/// <summary>Writes what vfs grants a server of programs (<see cref="GrantTable"/>): places are used again, numbers never.</summary>
public sealed class GrantLedger
{
    // Root can still open and close what is needed to put a full table right.
    private const int Reserved = GrantTable.Entries / 32;

    private readonly MappedMemory table;
    private readonly Stack<uint> freeFiles = Places(), freeHandles = Places();
    private ulong count;

    /// <summary>An empty table in zeroed memory.</summary>
    public GrantLedger(MappedMemory table) => this.table = table;

    /// <summary>Descriptions that there are.</summary>
    public int Files => GrantTable.Entries - freeFiles.Count;

    /// <summary>Grants that there are.</summary>
    public int Handles => GrantTable.Entries - freeHandles.Count;

    /// <summary>A description has ended: the server is to look.</summary>
    public Action? Ended { get; set; }

    /// <summary>Enters a description. False if there are too many.</summary>
    public bool TryAddFile(uint flags, bool isPrivileged, out ulong number)
    {
        if (!TryTake(freeFiles, isPrivileged, out number))
            return false;
        SetFlags(number, flags);
        table.WriteUInt64(FileAt(number), number);
        return true;
    }

    /// <summary>Status flags have changed.</summary>
    public void SetFlags(ulong file, uint flags) => table.WriteUInt32(FileAt(file) + GrantTable.FileFlags, flags);

    /// <summary>A description has ended; what was granted of it must have been withdrawn.</summary>
    public void RemoveFile(ulong file)
    {
        table.WriteUInt64(FileAt(file), 0);
        freeFiles.Push(Place(file));
        table.WriteUInt64(GrantTable.Ended, table.ReadUInt64(GrantTable.Ended) + 1);
        Ended?.Invoke();
    }

    /// <summary>Grants a handle of a connection. False if there are too many grants.</summary>
    public bool TryGrant(HandleGrant grant, uint device, uint generation, ClientProcess process, out ulong number)
    {
        Credentials credentials = process.Credentials;
        if (!TryTake(freeHandles, credentials.IsPrivileged, out number))
            return false;
        ulong at = HandleAt(number);
        table.WriteUInt64(at + GrantTable.Connection, grant.Space.Id);
        table.WriteUInt64(at + GrantTable.File, grant.File.Number);
        table.WriteUInt32(at + GrantTable.Slot, grant.Slot);
        table.WriteUInt32(at + GrantTable.Handle, grant.Handle);
        table.WriteUInt32(at + GrantTable.Device, device);
        table.WriteUInt32(at + GrantTable.Generation, generation);
        table.WriteUInt32(at + GrantTable.Pid, process.Pid);
        table.WriteUInt32(at + GrantTable.User, credentials.UserId);
        table.WriteUInt32(at + GrantTable.Group, credentials.GroupId);
        int groups = Math.Min(credentials.Groups.Length, GrantTable.MostGroups);
        table.WriteUInt32(at + GrantTable.GroupCount, (uint)groups);
        for (int index = 0; index < groups; index++)
            table.WriteUInt32(at + GrantTable.Groups + (ulong)index * sizeof(uint), credentials.Groups[index]);
        table.WriteUInt64(at + GrantTable.Number, number);
        return true;
    }

    /// <summary>Withdraws a grant: from now on the server refuses the handle.</summary>
    public void Withdraw(ulong number)
    {
        table.WriteUInt64(HandleAt(number) + GrantTable.Number, 0);
        freeHandles.Push(Place(number));
    }

    private bool TryTake(Stack<uint> free, bool isPrivileged, out ulong number)
    {
        number = 0;
        if (free.Count <= (isPrivileged ? 0 : Reserved))
            return false;
        number = ++count << GrantTable.PlaceBits | free.Pop();
        return true;
    }

    private static Stack<uint> Places()
    {
        var places = new Stack<uint>(GrantTable.Entries);
        for (uint place = GrantTable.Entries; place > 0; place--)
            places.Push(place - 1);
        return places;
    }

    private static uint Place(ulong number) => (uint)(number & (1ul << GrantTable.PlaceBits) - 1);

    private static ulong FileAt(ulong number) => GrantTable.Files + (ulong)Place(number) * GrantTable.FileLength;

    private static ulong HandleAt(ulong number) => GrantTable.Handles + (ulong)Place(number) * GrantTable.HandleLength;
}

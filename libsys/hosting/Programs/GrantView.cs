using Libsys.Abi;
using Libsys.Linux;
using Libsys.Messages;

namespace Libsys.Hosting.Programs;

/// <summary>Reads what vfs grants this server (<see cref="GrantTable"/>).</summary>
public sealed class GrantView(MappedMemory table) : IDisposable
{
    private const ulong PlaceMask = (1ul << GrantTable.PlaceBits) - 1;

    /// <summary>Changes when a description has ended.</summary>
    public ulong Ended => table.ReadUInt64(GrantTable.Ended);

    /// <summary>
    /// The call of vfs that registers the devices which the manifest gives this server; <paramref name="ended"/> is signalled when a description has ended.
    /// </summary>
    public static Message Registration(NotificationHandle ended)
    {
        Message message = default;
        message.Words[0] = (ulong)VfsControlOperation.RegisterDevices;
        message.HandleCount = 1;
        message.Handles[0] = ended.Index;
        message.Rights[0] = (uint)Rights.Signal;
        return message;
    }

    /// <summary>Maps what vfs answered. Null if it refused or was not there; <paramref name="error"/> is a negative errno.</summary>
    public static GrantView? TryOpen(KernelStatus status, in Message answer, out long error)
    {
        error = status == KernelStatus.Ok ? (long)answer.Words[0] : -Errno.EIO;
        if (error != 0 || answer.HandleCount != 1)
            return null;
        var memory = new MemoryObjectHandle(answer.Handles[0]);
        status = MappedMemory.TryMap(memory, 0, GrantTable.Length, MapFlags.Read | MapFlags.Shared, out MappedMemory? mapped);
        memory.Handle.Close();
        if (status != KernelStatus.Ok)
            error = -Errno.ENOMEM;
        return status == KernelStatus.Ok ? new GrantView(mapped!) : null;
    }

    /// <summary>A grant by its number; false if its handle was closed, or it never was.</summary>
    public bool TryFind(ulong number, out ProgramGrant grant)
    {
        grant = default;
        if (!IsGranted(number))
            return false;
        ulong at = HandleAt(number);
        var groups = new uint[Math.Min(table.ReadUInt32(at + GrantTable.GroupCount), GrantTable.MostGroups)];
        for (int index = 0; index < groups.Length; index++)
            groups[index] = table.ReadUInt32(at + GrantTable.Groups + (ulong)index * sizeof(uint));
        grant = new ProgramGrant(
            table.ReadUInt64(at + GrantTable.Connection), table.ReadUInt32(at + GrantTable.Slot), table.ReadUInt32(at + GrantTable.Handle),
            table.ReadUInt64(at + GrantTable.File), table.ReadUInt32(at + GrantTable.Device), table.ReadUInt32(at + GrantTable.Generation))
        {
            Credentials = new ProgramCredentials(
                table.ReadUInt32(at + GrantTable.Pid), table.ReadUInt32(at + GrantTable.User), table.ReadUInt32(at + GrantTable.Group), groups),
        };
        // vfs takes the number away before it writes another grant over this one.
        return IsGranted(number);
    }

    /// <summary>True while vfs has not closed the handle.</summary>
    public bool IsGranted(ulong number) => IsPlace(number) && table.ReadUInt64(HandleAt(number) + GrantTable.Number) == number;

    /// <summary>True while some process has a handle of the description.</summary>
    public bool IsOpen(ulong file) => IsPlace(file) && table.ReadUInt64(FileAt(file)) == file;

    /// <summary>Access mode and status flags of a description; those of none once it has ended.</summary>
    public uint FlagsOf(ulong file) => IsPlace(file) ? table.ReadUInt32(FileAt(file) + GrantTable.FileFlags) : 0;

    /// <inheritdoc/>
    public void Dispose() => table.Dispose();

    private static bool IsPlace(ulong number) => number != 0 && (number & PlaceMask) < GrantTable.Entries;

    private static ulong HandleAt(ulong number) => GrantTable.Handles + (number & PlaceMask) * GrantTable.HandleLength;

    private static ulong FileAt(ulong number) => GrantTable.Files + (number & PlaceMask) * GrantTable.FileLength;
}

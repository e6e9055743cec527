using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>access(2) of something whose attributes are known. vfs decides whatever depends on groups, mounts, or ids that are not the real ones.</summary>
internal static unsafe class KnownAccess
{
    private const uint Execute = 1, Write = 2, Bits = 7;

    /// <summary>
    /// True if the effective user may read something for certain: by what its class has, as far as that is known; further groups are not. The own copy of the
    /// ids is there once the program has asked for them, and not while they change, so that it is not older than what vfs has.
    /// </summary>
    public static bool MayRead(TaskState* task, uint mode, uint owner, uint ownerGroup)
    {
        const uint byOwner = 0x100, byGroup = 0x20, byAll = 0x124; // 0400, 0040, 0444
        if ((mode & byAll) == byAll)
            return true;
        if (!KnownIds.TryForFiles(task, out uint user, out uint group))
            return false;
        return user == 0 || (user == owner ? (mode & byOwner) != 0 : group == ownerGroup && (mode & byGroup) != 0);
    }

    /// <summary>0, −EACCES, or <see cref="NameLookup.Ask"/>.</summary>
    public static long Decide(TaskState* task, FoundName* found, uint wanted, bool isEffective)
    {
        uint mode = (uint)found->Stat[StatLayout.Mode / sizeof(ulong)], owner = (uint)(found->Stat[StatLayout.Mode / sizeof(ulong)] >> 32);
        bool isDirectory = (mode & InodeMode.TypeMask) == InodeMode.Directory;
        bool isRefused = !isDirectory && (wanted & Execute) != 0 && (found->DirectoryFlags & PublishedNames.IsNoExecute) != 0;
        if ((wanted & Write) != 0 || isRefused)
            return NameLookup.Ask;
        if ((wanted & ~(mode & mode >> 3 & mode >> 6) & Bits) == 0)
            return 0;
        ulong users = task->Process->KnownUsers;
        if (isEffective || users == 0)
            return NameLookup.Ask;
        uint user = (uint)~users;
        if (user == 0)
            return (wanted & Execute) == 0 || isDirectory || (mode & InodeMode.AnyExecute) != 0 ? 0 : -Errno.EACCES;
        if (user == owner)
            return (wanted & ~(mode >> 6) & Bits) == 0 ? 0 : -Errno.EACCES;

        // In its group or not: certain where both say the same.
        bool isForGroup = (wanted & ~(mode >> 3) & Bits) == 0, isForOthers = (wanted & ~mode & Bits) == 0;
        return isForGroup != isForOthers ? NameLookup.Ask : isForGroup ? 0 : -Errno.EACCES;
    }
}

using Libsys.Abi;
using Libsys.Messages;

namespace Servers.Processes.Tree;

/// <summary>User and group ids of a process, credentials(7). A value: changed by making another.</summary>
/// <param name="Uid">Real user id.</param>
/// <param name="Euid">Effective user id.</param>
/// <param name="Suid">Saved user id.</param>
/// <param name="Fsuid">User id for file access.</param>
/// <param name="Gid">Real group id.</param>
/// <param name="Egid">Effective group id.</param>
/// <param name="Sgid">Saved group id.</param>
/// <param name="Fsgid">Group id for file access.</param>
/// <param name="Groups">Supplementary groups.</param>
internal sealed record Credentials(uint Uid, uint Euid, uint Suid, uint Fsuid, uint Gid, uint Egid, uint Sgid, uint Fsgid, IReadOnlyList<uint> Groups)
{
    /// <summary>"Leave it as it is" in setreuid and its kin: (uid_t) −1.</summary>
    private const uint Keep = uint.MaxValue;

    /// <summary>Most supplementary groups: as many as a message carries. Linux takes 65,536.</summary>
    public const int MostGroups = 12;

    /// <summary>The first process.</summary>
    public static Credentials Root { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, []);

    /// <summary>True for the superuser. Capabilities are all or nothing here.</summary>
    public bool IsPrivileged => Euid == 0;

    /// <summary>
    /// Real, effective and saved ids as <see cref="ProcessOperation.Identify"/> and <see cref="StartWords"/> have them, behind the slot, which is there.
    /// </summary>
    public void Write(ref MessageWords words)
    {
        if (Fsuid != Euid || Fsgid != Egid)
            words[StartWords.VfsSlot] |= StartWords.OtherFileIds;
        words[StartWords.Users] = Uid | (ulong)Euid << 32;
        words[StartWords.Groups] = Gid | (ulong)Egid << 32;
        words[StartWords.Saved] = Suid | (ulong)Sgid << 32;
    }

    /// <summary>May send a signal to a process with <paramref name="target"/>, kill(2).</summary>
    public bool MaySignal(Credentials target) =>
        IsPrivileged || Euid == target.Suid || Euid == target.Uid || Uid == target.Suid || Uid == target.Uid;

    /// <summary>Applies a change. Returns 0, the old id for the two setfs calls, or a negative errno with <paramref name="result"/> unchanged.</summary>
    public long Change(CredentialChange change, uint a, uint b, uint c, out Credentials result)
    {
        result = this;
        switch (change)
        {
            case CredentialChange.SetUid when IsPrivileged:
                result = this with { Uid = a, Euid = a, Suid = a, Fsuid = a };
                return a == Keep ? Fail(out result) : 0;
            case CredentialChange.SetUid:
                result = this with { Euid = a, Fsuid = a };
                return a == Uid || a == Suid ? 0 : Refuse(out result);
            case CredentialChange.SetGid when IsPrivileged:
                result = this with { Gid = a, Egid = a, Sgid = a, Fsgid = a };
                return a == Keep ? Fail(out result) : 0;
            case CredentialChange.SetGid:
                result = this with { Egid = a, Fsgid = a };
                return a == Gid || a == Sgid ? 0 : Refuse(out result);
            case CredentialChange.SetReuid:
                return SetReuid(a, b, out result);
            case CredentialChange.SetRegid:
                return SetRegid(a, b, out result);
            case CredentialChange.SetResuid:
                result = this with { Uid = Or(a, Uid), Euid = Or(b, Euid), Suid = Or(c, Suid), Fsuid = Or(b, Euid) };
                return IsPrivileged || (IsOwnUser(a) && IsOwnUser(b) && IsOwnUser(c)) ? 0 : Refuse(out result);
            case CredentialChange.SetResgid:
                result = this with { Gid = Or(a, Gid), Egid = Or(b, Egid), Sgid = Or(c, Sgid), Fsgid = Or(b, Egid) };
                return IsPrivileged || (IsOwnGroup(a) && IsOwnGroup(b) && IsOwnGroup(c)) ? 0 : Refuse(out result);
            case CredentialChange.SetFsuid:
                if (a != Keep && (IsPrivileged || a == Uid || a == Euid || a == Suid || a == Fsuid))
                    result = this with { Fsuid = a };
                return Fsuid;
            case CredentialChange.SetFsgid:
                if (a != Keep && (IsPrivileged || a == Gid || a == Egid || a == Sgid || a == Fsgid))
                    result = this with { Fsgid = a };
                return Fsgid;
            default:
                return -Errno.EINVAL;
        }
    }

    // setreuid(2): the saved id follows the effective one when the real one is set, or the effective one becomes other than the real one was.
    private long SetReuid(uint real, uint effective, out Credentials result)
    {
        uint uid = Or(real, Uid), euid = Or(effective, Euid);
        bool allowed = IsPrivileged || ((real == Keep || real == Uid || real == Euid) && IsOwnUser(effective));
        bool saves = real != Keep || (effective != Keep && effective != Uid);
        result = this with { Uid = uid, Euid = euid, Suid = saves ? euid : Suid, Fsuid = euid };
        return allowed ? 0 : Refuse(out result);
    }

    private long SetRegid(uint real, uint effective, out Credentials result)
    {
        uint gid = Or(real, Gid), egid = Or(effective, Egid);
        bool allowed = IsPrivileged || ((real == Keep || real == Gid || real == Egid) && IsOwnGroup(effective));
        bool saves = real != Keep || (effective != Keep && effective != Gid);
        result = this with { Gid = gid, Egid = egid, Sgid = saves ? egid : Sgid, Fsgid = egid };
        return allowed ? 0 : Refuse(out result);
    }

    private bool IsOwnUser(uint id) => id == Keep || id == Uid || id == Euid || id == Suid;

    private bool IsOwnGroup(uint id) => id == Keep || id == Gid || id == Egid || id == Sgid;

    private long Refuse(out Credentials result)
    {
        result = this;
        return -Errno.EPERM;
    }

    private long Fail(out Credentials result)
    {
        result = this;
        return -Errno.EINVAL;
    }

    private static uint Or(uint value, uint otherwise) => value == Keep ? otherwise : value;
}

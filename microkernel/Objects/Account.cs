using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Microkernel;

/// <summary>A limit and what is charged against it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Quota
{
    public ulong Limit, Used, Peak;
}

/// <summary>What an account limits; the place of its <see cref="Quota"/>.</summary>
internal enum Resource
{
    Frames,
    Handles,
}

/// <summary>
/// A hierarchical quota of frames and handles. What an account is charged, its ancestors are charged too; a committed account has charged its whole
/// limits to them when it was made, and the root's limit is the machine's memory, so nothing within its limits can fail later. Data, page tables and
/// kernel objects all count as frames: objects live in slab frames of the account that pays for them.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Account
{
    public KernelObject Header;
    public Account* Parent;
    public Quota Frames, Handles;
    /// <summary>An <see cref="AccountFlags"/>.</summary>
    public AccountFlags Flags;
    /// <summary>Highest priority of a thread of a space that this account pays for.</summary>
    public ushort PriorityCap;
    public ushort Depth;
    /// <summary>Slabs with room, one list a size class.</summary>
    public LinkedList Partial0, Partial1, Partial2;

    /// <summary>MemoryWatch: who is told, once, when the root account has fewer frames left than this. 0: nobody is.</summary>
    public static ulong WatchedFrames, WatcherBits;
    public static Notification* Watcher;

    /// <summary>Charging walks to the root on every page: short chains only.</summary>
    public const uint MaxDepth = 8;

    // Sound: accounts are kernel objects, which never move.
    private Account* Self => (Account*)Unsafe.AsPointer(ref this);

    // Who is charged with an account: its parent has been charged for all of a committed one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Account* Above(Account* account) => (account->Flags & AccountFlags.Committed) != 0 ? null : account->Parent;

    /// <summary>Charges here and above; false: a limit is reached, nothing is charged.</summary>
    public bool Charge(Resource resource, ulong count = 1)
    {
        Account* a = Self;
        do
        {
            Quota* quota = &a->Frames + (int)resource;
            ulong used = quota->Used;
            if (quota->Limit - used < count)
            {
                Take(Self, a, resource, count);
                return false;
            }
            used += count;
            quota->Used = used;
            if (used > quota->Peak)
                quota->Peak = used;
            a = Above(a);
        }
        while (a != null);
        if (resource == Resource.Frames && WatchedFrames != 0)
            TellIfScarce();
        return true;
    }

    // Not inlined: the registers that it needs would be saved at each charge.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void TellIfScarce()
    {
        Quota* quota = &Accounts.Root->Frames;
        if (quota->Limit - quota->Used >= WatchedFrames)
            return;
        WatchedFrames = 0;
        Notification.Signal(Watcher, WatcherBits);
    }

    /// <summary>Takes a charge back.</summary>
    public void Uncharge(Resource resource, ulong count = 1)
    {
        Take(Self, null, resource, count);
        if (Header.References == 0)
            FreeIfUnused(Self);
    }

    private static void Take(Account* from, Account* end, Resource resource, ulong count)
    {
        for (Account* a = from; a != end; a = Above(a))
            (&a->Frames + (int)resource)->Used -= count;
    }

    /// <summary>Creates a child, paid by the parent; null: no memory.</summary>
    public static Account* Create(Account* parent, ulong frameLimit, ulong handleLimit, AccountFlags flags, uint priorityCap)
    {
        Account* account = (Account*)KernelObject.Allocate(parent, ObjectType.Account, (uint)sizeof(Account));
        if (account == null)
            return null;
        if ((flags & AccountFlags.Committed) != 0 && !parent->Charge(Resource.Frames, frameLimit))
        {
            ObjectAllocator.Free(account);
            return null;
        }
        if ((flags & AccountFlags.Committed) != 0 && !parent->Charge(Resource.Handles, handleLimit))
        {
            parent->Uncharge(Resource.Frames, frameLimit);
            ObjectAllocator.Free(account);
            return null;
        }
        account->Parent = parent;
        account->Frames.Limit = frameLimit;
        account->Handles.Limit = handleLimit;
        account->Flags = flags;
        account->PriorityCap = (ushort)priorityCap;
        account->Depth = (ushort)(parent->Depth + 1);
        return account;
    }

    /// <summary>
    /// Frees the account when no handle and no charge is left. Whatever refers to an account is charged to it, so that this is all that counts.
    /// </summary>
    public static void FreeIfUnused(Account* account)
    {
        if (account->Frames.Used != 0 || account->Header.References != 0)
            return;
        Account* parent = account->Parent;
        Panic.Assert(parent != null && account->Handles.Used == 0, "account in use"u8);
        if ((account->Flags & AccountFlags.Committed) != 0)
        {
            parent->Uncharge(Resource.Frames, account->Frames.Limit);
            parent->Uncharge(Resource.Handles, account->Handles.Limit);
        }
        // Perhaps the last charge of the parent, which then goes too.
        ObjectAllocator.Free(account);
    }
}

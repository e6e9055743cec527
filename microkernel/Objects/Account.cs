using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Microkernel;

/// <summary>
/// A hierarchical quota of frames and handles. What an account is charged, its ancestors are charged too. Data, page tables and kernel objects
/// all count as frames: objects live in slab frames of the account that pays for them.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Account
{
    public KernelObject Header;
    public Account* Parent;
    public ulong FrameLimit, Frames, PeakFrames;
    public ulong HandleLimit, Handles;
    /// <summary>Highest priority of a thread of a space that this account pays for.</summary>
    public uint PriorityCap;
    public uint Depth;
    /// <summary>Slabs with room, one list a size class.</summary>
    public Slab* Partial0, Partial1, Partial2;

    /// <summary>Charging walks to the root on every page: short chains only.</summary>
    public const uint MaxDepth = 8;

    // Sound: accounts are kernel objects, which never move.
    private Account* Self => (Account*)Unsafe.AsPointer(ref this);

    /// <summary>Charges one frame here and above; false: a limit is reached, nothing is charged.</summary>
    public bool ChargeFrame()
    {
        Account* self = Self;
        for (Account* a = self; a != null; a = a->Parent)
        {
            if (a->Frames >= a->FrameLimit)
            {
                for (Account* undo = self; undo != a; undo = undo->Parent)
                    undo->Frames--;
                return false;
            }
            if (++a->Frames > a->PeakFrames)
                a->PeakFrames = a->Frames;
        }
        return true;
    }

    /// <summary>Takes the charge of one frame back.</summary>
    public void UnchargeFrame()
    {
        Account* self = Self;
        for (Account* a = self; a != null; a = a->Parent)
            a->Frames--;
        if (Frames == 0 && Header.References == 0)
            FreeIfUnused(self);
    }

    /// <summary>Charges one handle slot.</summary>
    public bool ChargeHandle()
    {
        Account* self = Self;
        for (Account* a = self; a != null; a = a->Parent)
        {
            if (a->Handles >= a->HandleLimit)
            {
                for (Account* undo = self; undo != a; undo = undo->Parent)
                    undo->Handles--;
                return false;
            }
            a->Handles++;
        }
        return true;
    }

    /// <summary>Takes the charge of one handle slot back.</summary>
    public void UnchargeHandle()
    {
        Account* self = Self;
        for (Account* a = self; a != null; a = a->Parent)
            a->Handles--;
    }

    /// <summary>Creates a child, paid by the parent.</summary>
    public static Account* Create(Account* parent, ulong frameLimit, ulong handleLimit)
    {
        Account* account = (Account*)KernelObject.Allocate(parent, ObjectType.Account, (uint)sizeof(Account));
        if (account == null)
            return null;
        account->Parent = parent;
        account->FrameLimit = frameLimit;
        account->HandleLimit = handleLimit;
        account->PriorityCap = parent->PriorityCap;
        account->Depth = parent->Depth + 1;
        parent->Header.Acquire();
        return account;
    }

    /// <summary>Frees the account when no handle, space or charge is left.</summary>
    public static void FreeIfUnused(Account* account)
    {
        if (account->Frames != 0 || account->Header.References != 0)
            return;
        Account* parent = account->Parent;
        Panic.Assert(parent != null, "the root account is never freed"u8);
        ObjectAllocator.Free(account);
        KernelObject.Release(&parent->Header);
    }
}

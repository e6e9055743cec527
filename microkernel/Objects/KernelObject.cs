using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Microkernel;

/// <summary>First field of everything that a handle can name.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KernelObject
{
    public ObjectType Type;
    /// <summary>Handles and kernel structures that hold the object. At 0 it is freed.</summary>
    public uint References;
    /// <summary>Who is charged for it.</summary>
    public Account* Account;

    /// <summary>Allocates a zeroed object with one reference; null: no memory.</summary>
    public static KernelObject* Allocate(Account* account, ObjectType type, uint size)
    {
        KernelObject* o = (KernelObject*)ObjectAllocator.Allocate(account, size);
        if (o == null)
            return null;
        o->Type = type;
        o->References = 1;
        o->Account = account;
        return o;
    }

    /// <summary>Takes a reference.</summary>
    public void Acquire() => References++;

    /// <summary>Gives a reference back; the last one frees the object, or queues that where it is long.</summary>
    public static void Release(KernelObject* o)
    {
        Panic.Assert(o->References != 0, "reference count"u8);
        o->References--;
        if (o->Type == ObjectType.AddressSpace)
        {
            AddressSpace* space = (AddressSpace*)o;
            if (space->Root == 0 && o->References == 0)
                AddressSpace.Free(space);
            else if (space->Root != 0 && space->Reaping.List == null && o->References == space->OwnHandles + (space->Death.List == null ? 0u : 1))
                Reaper.Add(&space->Reaping, o);
            return;
        }
        if (o->References != 0)
            return;
        switch (o->Type)
        {
            case ObjectType.MemoryObject:
                Reaper.Add(&((MemoryObject*)o)->Reaping, o);
                break;
            case ObjectType.DmaDomain:
                Reaper.Add(&((DmaDomain*)o)->Reaping, o);
                break;
            case ObjectType.Thread:
                Thread.Free((Thread*)o);
                break;
            case ObjectType.Notification:
                Notification.Free((Notification*)o);
                break;
            case ObjectType.Endpoint:
                Endpoint.Free((Endpoint*)o);
                break;
            case ObjectType.Interrupt:
                Interrupt.Free((Interrupt*)o);
                break;
            case ObjectType.Account:
                Microkernel.Account.FreeIfUnused((Account*)o);
                break;
            case ObjectType.IoPorts:
                ObjectAllocator.Free(o);
                break;
            case ObjectType.Machine:
                break;
            default:
                Panic.Stop("object type"u8);
                break;
        }
    }
}

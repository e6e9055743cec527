using System.Runtime.InteropServices;

namespace Microkernel;

/// <summary>Start of a frame that is cut into objects of one size.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Slab
{
    /// <summary>In the list of those with room.</summary>
    public Link Place;
    public Account* Account;
    public void* FreeList;
    public uint Used, Class;
}

/// <summary>
/// Kernel objects in frames of the account that pays for them, so that one account's fragmentation is its own. Three sizes; what is larger
/// takes a frame.
/// </summary>
internal static unsafe class ObjectAllocator
{
    private const uint Smallest = 128;
    private const uint Classes = 3;

    private static LinkedList* ListOf(Account* account, uint @class) => &account->Partial0 + @class;

    /// <summary>A zeroed object of at least <paramref name="size"/> bytes, null: no memory. Objects of a whole frame are page aligned.</summary>
    public static void* Allocate(Account* account, uint size)
    {
        uint @class = 0;
        while (@class < Classes && Smallest << (int)@class < size)
            @class++;
        if (@class == Classes)
        {
            Panic.Assert(size <= PhysicalMap.PageSize, "object size"u8);
            ulong frame = FrameAllocator.AllocateZeroed(account);
            return frame == 0 ? null : PhysicalMap.At(frame);
        }
        Slab* slab = (Slab*)ListOf(account, @class)->First;
        if (slab == null)
        {
            slab = New(account, @class);
            if (slab == null)
                return null;
        }
        void** taken = (void**)slab->FreeList;
        slab->FreeList = *taken;
        slab->Used++;
        if (slab->FreeList == null)
            LinkedList.Remove(&slab->Place);
        Machine.ZeroWords(taken, Smallest << (int)@class);
        return taken;
    }

    /// <summary>Gives an object back.</summary>
    public static void Free(void* o)
    {
        if (((ulong)o & PhysicalMap.PageMask) == 0)
        {
            FrameAllocator.Free(PhysicalMap.Of(o));
            return;
        }
        Slab* slab = (Slab*)((ulong)o & ~PhysicalMap.PageMask);
        bool wasFull = slab->FreeList == null;
        *(void**)o = slab->FreeList;
        slab->FreeList = o;
        if (--slab->Used == 0)
        {
            LinkedList.Remove(&slab->Place);
            FrameAllocator.Free(PhysicalMap.Of(slab));
        }
        else if (wasFull)
        {
            LinkedList.Append(ListOf(slab->Account, slab->Class), &slab->Place);
        }
    }

    private static Slab* New(Account* account, uint @class)
    {
        ulong frame = FrameAllocator.AllocateZeroed(account);
        if (frame == 0)
            return null;
        byte* page = PhysicalMap.At(frame);
        Slab* slab = (Slab*)page;
        slab->Account = account;
        slab->Class = @class;
        slab->Place.Owner = slab;
        LinkedList.Append(ListOf(account, @class), &slab->Place);
        // The first object's place is the header's.
        uint size = Smallest << (int)@class;
        for (uint offset = (uint)PhysicalMap.PageSize - size; offset >= size; offset -= size)
        {
            *(void**)(page + offset) = slab->FreeList;
            slab->FreeList = page + offset;
        }
        return slab;
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Microkernel;

/// <summary>What a handle number stands for. Type None: free.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct HandleEntry
{
    public KernelObject* Object;
    /// <summary>Endpoint: badge. Notification: the only bits it can signal. Reply: sequence number of the call.</summary>
    public ulong Extra;
    /// <summary>Mostly the object's type; a reply handle refers to the calling thread.</summary>
    public ObjectType Type;
    public Rights Rights;
    public ulong Reserved;
}

/// <summary>A space's capability table: leaf frames of 128 entries, the first one named here, others by a directory frame.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct HandleTable
{
    /// <summary>The first leaf frame, which most spaces do with; frame of pointers to the others. 0 until needed.</summary>
    public ulong First, Directory;
    public uint Count;
    /// <summary>Where the search for a free entry starts.</summary>
    public uint Hint;
    /// <summary>Entries that teardown has looked at.</summary>
    public uint Position;
    /// <summary>Leaf frames.</summary>
    public uint Leaves;

    /// <summary>Entries of a leaf frame.</summary>
    public const uint PerLeaf = 128;
    /// <summary>Handles a space can hold.</summary>
    public const uint Max = PerLeaf * 512;

    // What Self and CurrentThread are answered with; valid until the next look-up, under the kernel lock.
    private static HandleEntry* scratch;

    /// <summary>Takes room for the pseudo entries.</summary>
    public static void Initialize(void* room) => scratch = (HandleEntry*)room;

    /// <summary>The leaf frame of a number; 0: none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong LeafOf(ulong handle) =>
        handle < PerLeaf ? First : handle >= Max || Directory == 0 ? 0 : ((ulong*)PhysicalMap.At(Directory))[handle / PerLeaf];

    /// <summary>The entry in use of a number, null: none.</summary>
    public HandleEntry* Find(ulong handle)
    {
        ulong leaf = LeafOf(handle);
        if (leaf == 0)
            return null;
        HandleEntry* entry = (HandleEntry*)PhysicalMap.At(leaf) + handle % PerLeaf;
        // No object: free, or a thread's spare reply entry.
        return entry->Object == null ? null : entry;
    }

    // The entry of a number is not to be given out.
    private bool IsTaken(uint handle)
    {
        ulong leaf = LeafOf(handle);
        return leaf != 0 && ((HandleEntry*)PhysicalMap.At(leaf) + handle % PerLeaf)->Type != ObjectType.None;
    }

    /// <summary>The entry of a handle of a thread, null: no such. Knows the pseudo handles.</summary>
    public static HandleEntry* Find(Thread* thread, ulong handle)
    {
        if (handle < Max)
            return thread->Space->Handles.Find(handle);
        if (handle == WellKnownHandle.Self)
            return Pseudo(&thread->Space->Header);
        if (handle == WellKnownHandle.CurrentThread)
            return Pseudo(&thread->Header);
        return null;
    }

    private static HandleEntry* Pseudo(KernelObject* o)
    {
        scratch->Object = o;
        scratch->Extra = 0;
        scratch->Type = o->Type;
        scratch->Rights = Rights.All;
        return scratch;
    }

    /// <summary>The entry of a handle that may be duplicated; null and a status otherwise.</summary>
    public static HandleEntry* FindToDuplicate(Thread* thread, ulong handle, out long status)
    {
        HandleEntry* entry = Find(thread, handle);
        status = 0;
        // A reply can be given once, so its handle cannot be doubled.
        if (entry == null || entry->Type == ObjectType.Reply)
            status = (long)KernelStatus.BadHandle;
        else if ((entry->Rights & Rights.Duplicate) == 0)
            status = (long)KernelStatus.NoRight;
        return status == 0 ? entry : null;
    }

    /// <summary>The entry of a handle of a given type with all of the rights given; null and a status otherwise.</summary>
    public static HandleEntry* Find(Thread* thread, ulong handle, ObjectType type, Rights needed, out long status)
    {
        HandleEntry* entry = Find(thread, handle);
        if (entry == null || entry->Type != type)
        {
            status = (long)KernelStatus.BadHandle;
            return null;
        }
        if ((entry->Rights & needed) != needed)
        {
            status = (long)KernelStatus.NoRight;
            return null;
        }
        status = 0;
        return entry;
    }

    /// <summary>
    /// Puts an object into a free entry (index 0: any from FirstFree on) and takes a reference. Negative: NoHandle, NoMemory, Occupied, BadArgument.
    /// </summary>
    public static long Install(AddressSpace* space, uint index, KernelObject* o, ObjectType type, Rights rights, ulong extra)
    {
        if (space->Dying)
            return (long)KernelStatus.BadState;
        HandleTable* table = &space->Handles;
        if (index >= Max)
            return (long)KernelStatus.BadArgument;
        if (index == 0)
        {
            index = table->FindFree();
            if (index == 0)
                return (long)KernelStatus.NoHandle;
        }
        else if (table->IsTaken(index))
        {
            return (long)KernelStatus.Occupied;
        }
        Account* account = space->Header.Account;
        if (index >= PerLeaf && table->Directory == 0)
        {
            table->Directory = FrameAllocator.AllocateZeroed(account);
            if (table->Directory == 0)
                return (long)KernelStatus.NoMemory;
        }
        ulong* leaf = index < PerLeaf ? &table->First : (ulong*)PhysicalMap.At(table->Directory) + index / PerLeaf;
        if (*leaf == 0)
        {
            *leaf = FrameAllocator.AllocateZeroed(account);
            if (*leaf == 0)
                return (long)KernelStatus.NoMemory;
            table->Leaves++;
        }
        if (!account->Charge(Resource.Handles))
            return (long)KernelStatus.NoHandle;
        HandleEntry* entry = (HandleEntry*)PhysicalMap.At(*leaf) + index % PerLeaf;
        entry->Object = o;
        entry->Type = type;
        entry->Rights = rights;
        entry->Extra = extra;
        o->Acquire();
        if (type == ObjectType.AddressSpace)
        {
            if (o == &space->Header)
                space->OwnHandles++;
            else
                ((AddressSpace*)o)->OutsideHandles++;
        }
        else if (type == ObjectType.Endpoint && (rights & Rights.Wait) != 0)
        {
            ((Endpoint*)o)->ReceiveHandles++;
        }
        table->Count++;
        return index;
    }

    // Goes round, so that numbers are not reused at once and the search stays short.
    private uint FindFree()
    {
        if (Count >= Max - WellKnownHandle.FirstFree)
            return 0;
        uint index = Hint < WellKnownHandle.FirstFree ? WellKnownHandle.FirstFree : Hint;
        for (uint tried = 0; tried < Max; tried++)
        {
            if (index >= Max)
                index = WellKnownHandle.FirstFree;
            if (!IsTaken(index))
            {
                // Stay within the leaves in use while they have room.
                Hint = (index + 1) % PerLeaf == 0 && Count < index / 2 ? WellKnownHandle.FirstFree : index + 1;
                return index;
            }
            index++;
        }
        return 0;
    }

    /// <summary>Frees an entry in use and gives its reference back.</summary>
    public static void Close(AddressSpace* space, HandleEntry* entry)
    {
        KernelObject* o = entry->Object;
        ObjectType type = entry->Type;
        ulong extra = entry->Extra;
        entry->Type = ObjectType.None;
        entry->Object = null;
        space->Handles.Count--;
        space->Header.Account->Uncharge(Resource.Handles);
        // A spare reply entry refers to nothing.
        if (o == null)
            return;
        if (type == ObjectType.Reply)
            Endpoint.DropReply((Thread*)o, extra);
        if (type == ObjectType.Endpoint && (entry->Rights & Rights.Wait) != 0 && --((Endpoint*)o)->ReceiveHandles == 0)
            Endpoint.Abandon((Endpoint*)o);
        if (type == ObjectType.AddressSpace)
        {
            if (o == &space->Header)
                space->OwnHandles--;
            else if (--((AddressSpace*)o)->OutsideHandles == 0)
                ((AddressSpace*)o)->EndThreads();
        }
        KernelObject.Release(o);
    }

    /// <summary>Closes up to <paramref name="budget"/> handles of a dying space; true when the table is gone.</summary>
    public bool CloseStep(AddressSpace* space, uint budget)
    {
        while (Count != 0 && Position < Max)
        {
            ulong leaf = LeafOf(Position);
            if (leaf == 0)
            {
                Position += PerLeaf;
                continue;
            }
            HandleEntry* entry = (HandleEntry*)PhysicalMap.At(leaf) + Position++ % PerLeaf;
            if (entry->Type == ObjectType.None)
                continue;
            Close(space, entry);
            if (--budget == 0)
                return false;
        }
        for (uint i = 0; Leaves != 0; i++)
        {
            ulong leaf = LeafOf(i * PerLeaf);
            if (leaf == 0)
                continue;
            FrameAllocator.Free(leaf);
            Leaves--;
        }
        if (Directory != 0)
            FrameAllocator.Free(Directory);
        First = Directory = 0;
        return true;
    }
}

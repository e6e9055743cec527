using Libsys.Abi;

namespace Microkernel;

// The machine, handles and accounts.
internal static unsafe partial class Calls
{
    private const long Ok = 0;
    private const long BadArgument = (long)KernelStatus.BadArgument;
    private const long NoMemory = (long)KernelStatus.NoMemory;
    private const long BadHandle = (long)KernelStatus.BadHandle;
    private const long BadState = (long)KernelStatus.BadState;

    /// <summary>Words of the message area for results.</summary>
    private static ulong* Words(Thread* thread) => (ulong*)&thread->Block->Message;

    /// <summary>Looks a handle up; null sets the status.</summary>
    private static void* Find(Thread* thread, ulong handle, ObjectType type, Rights needed, out long status)
    {
        HandleEntry* entry = HandleTable.Find(thread, handle, type, needed, out status);
        return entry == null ? null : entry->Object;
    }

    private static bool TryFind<T>(Thread* thread, ulong handle, ObjectType type, Rights needed, out T* o, out long status) where T : unmanaged
    {
        o = (T*)Find(thread, handle, type, needed, out status);
        return o != null;
    }

    // An account argument: 0 is the own space's.
    private static bool TryAccountOr(Thread* thread, ulong handle, out Account* account, out long status)
    {
        status = Ok;
        account = thread->Space->Header.Account;
        return handle == 0 || TryFind(thread, handle, ObjectType.Account, Rights.Manage, out account, out status);
    }

    // Installs a new object and gives the creator's reference to the handle.
    private static long Give(Thread* thread, KernelObject* o, Rights rights, ulong extra)
    {
        if (o == null)
            return NoMemory;
        long handle = HandleTable.Install(thread->Space, 0, o, o->Type, rights, extra);
        KernelObject.Release(o);
        return handle;
    }

    public static long LogWrite(Thread* thread, ulong machine, ulong length)
    {
        if (Find(thread, machine, ObjectType.Machine, Rights.Write, out long status) == null)
            return status;
        if (length > ThreadBlock.MessageLength)
            return BadArgument;
        Log.Write((byte*)&thread->Block->Message, length);
        return Ok;
    }

    /// <summary>Bytes of the log from a position, behind two words that say where they are from.</summary>
    public static long LogRead(Thread* thread, ulong machine, ulong position)
    {
        const ulong HeaderLength = 2 * sizeof(ulong);
        if (Find(thread, machine, ObjectType.Machine, Rights.Read, out long status) == null)
            return status;
        if (position > Log.End)
            return BadArgument;
        if (position < Log.Oldest)
            position = Log.Oldest;
        ulong* words = Words(thread);
        words[0] = position;
        words[1] = Log.End;
        return (long)Log.Read(position, (byte*)words + HeaderLength, ThreadBlock.MessageLength - HeaderLength);
    }

    public static long MemoryWatch(Thread* thread, ulong machine, ulong frames, ulong notification, ulong bits)
    {
        HandleEntry* entry = null;
        if (Find(thread, machine, ObjectType.Machine, Rights.Read, out long status) != null)
            entry = HandleTable.Find(thread, notification, ObjectType.Notification, Rights.Signal, out status);
        if (entry == null)
            return status;
        Account.WatchedFrames = frames;
        Account.Watcher = (Notification*)entry->Object;
        Account.WatcherBits = bits & entry->Extra;
        return Ok;
    }

    public static long ClockSet(Thread* thread, ulong machine, ulong offset)
    {
        if (Find(thread, machine, ObjectType.Machine, Rights.Manage, out long status) == null)
            return status;
        PublishedPage.Page->WallOffset = offset;
        return Ok;
    }

    public static long Halt(Thread* thread, ulong machine)
    {
        if (Find(thread, machine, ObjectType.Machine, Rights.Manage, out long status) == null)
            return status;
        Log.Line("halted on request"u8);
        Panic.Halt();
        return Ok;
    }

    public static long HandleClose(Thread* thread, ulong handle)
    {
        HandleEntry* entry = thread->Space->Handles.Find(handle);
        if (entry == null)
            return BadHandle;
        HandleTable.Close(thread->Space, entry);
        return Ok;
    }

    public static long HandleDuplicate(Thread* thread, ulong handle, ulong mask) => Duplicate(thread, thread->Space, 0, handle, mask);

    public static long HandleInstall(Thread* thread, ulong space, ulong index, ulong handle, ulong mask)
    {
        if (!TryFind(thread, space, ObjectType.AddressSpace, Rights.Manage, out AddressSpace* target, out long status))
            return status;
        return index >= HandleTable.Max ? BadArgument : Duplicate(thread, target, (uint)index, handle, mask);
    }

    private static long Duplicate(Thread* thread, AddressSpace* target, uint index, ulong handle, ulong mask)
    {
        HandleEntry* entry = HandleTable.FindToDuplicate(thread, handle, out long status);
        if (entry == null)
            return status;
        return HandleTable.Install(target, index, entry->Object, entry->Type, entry->Rights & (Rights)(mask & (ulong)Rights.All), entry->Extra);
    }

    public static long HandleQuery(Thread* thread, ulong handle)
    {
        HandleEntry* entry = HandleTable.Find(thread, handle);
        return entry == null ? BadHandle : (long)((uint)entry->Type | (uint)entry->Rights << 8);
    }

    public static long EndpointMint(Thread* thread, ulong endpoint, ulong badge)
    {
        Endpoint* o = (Endpoint*)Find(thread, endpoint, ObjectType.Endpoint, Rights.Manage, out long status);
        return o == null ? status : HandleTable.Install(thread->Space, 0, &o->Header, ObjectType.Endpoint, Rights.Signal | Rights.Duplicate, badge);
    }

    public static long EndpointInstall(Thread* thread, ulong space, ulong index, ulong endpoint, ulong badge)
    {
        if (!TryFind(thread, space, ObjectType.AddressSpace, Rights.Manage, out AddressSpace* target, out long status)
            || !TryFind(thread, endpoint, ObjectType.Endpoint, Rights.Manage, out Endpoint* o, out status))
            return status;
        return index > uint.MaxValue ? BadArgument : HandleTable.Install(target, (uint)index, &o->Header, ObjectType.Endpoint, Rights.Signal, badge);
    }

    public static long NotificationMint(Thread* thread, ulong notification, ulong bits)
    {
        HandleEntry* entry = HandleTable.Find(thread, notification, ObjectType.Notification, Rights.Manage, out long status);
        return entry == null ? status
            : HandleTable.Install(thread->Space, 0, entry->Object, ObjectType.Notification, Rights.Signal | Rights.Duplicate, bits & entry->Extra);
    }

    public static long AccountCreate(Thread* thread, ulong parent, ulong frames, ulong handles, ulong flagBits)
    {
        if (!TryFind(thread, parent, ObjectType.Account, Rights.Manage, out Account* account, out long status))
            return status;
        ulong cap = flagBits >> 8;
        if (account->Depth >= Account.MaxDepth || (flagBits & 0xff & ~(ulong)AccountFlags.Committed) != 0 || cap > account->PriorityCap)
            return BadArgument;
        if (cap == 0)
            cap = account->PriorityCap;
        return Give(thread, (KernelObject*)Account.Create(account, frames, handles, (AccountFlags)(flagBits & 0xff), (uint)cap), Rights.All, 0);
    }

    public static long AccountQuery(Thread* thread, ulong handle)
    {
        if (!TryFind(thread, handle, ObjectType.Account, Rights.Read, out Account* account, out long status))
            return status;
        ulong* words = Words(thread);
        words[0] = account->Frames.Limit;
        words[1] = account->Frames.Used;
        words[2] = account->Handles.Limit;
        words[3] = account->Handles.Used;
        words[4] = account->Frames.Peak;
        words[5] = (ulong)account->Flags | (ulong)account->PriorityCap << 8;
        return Ok;
    }
}

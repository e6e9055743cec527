using System.Runtime.CompilerServices;
using Libsys.Rings;

namespace Libsys.Messages;

/// <summary>
/// Requests of a program to vfs (over its connection's ring). "dir" is a vfs handle of a directory or <see cref="VfsLimits.WorkingDirectory"/>; "path" is in
/// the pool at PoolOffset/PoolLength without a NUL, at most 4,095 bytes (PATH_MAX − 1). Results: Completion.Result = value or −errno. Handles are per process:
/// small numbers chosen by vfs; a handle is a reference to an open file description. Flags and modes have Linux' x86-64 numbers. Payload lies in the pool
/// at (PoolOffset, PoolLength) both ways. Operations marked (waits) may be completed late, and can be ended by Cancel.
/// </summary>
public enum VfsOperation : ushort
{
    /// <summary>
    /// A0 dir, A1 open flags, A2 mode (file mask already applied), A3 1 = for execution: EACCES unless it is a regular file that may be executed as well; it
    /// becomes what /proc/PID/exe of this space shows, A4 1 = the names on the way are to be published → handle. V0: st_mode, V1: <see cref="OpenedFile"/>,
    /// V2: not 0 if another server has the data of what was opened (as <see cref="Grant"/>'s V2). (waits: fifos)
    /// </summary>
    Open = 1,
    /// <summary>A0 handle → 0.</summary>
    Close = 2,
    /// <summary>A0 handle, A1 offset or −1 for the description's own → bytes in the pool buffer, 0 at end. (waits)</summary>
    Read = 3,
    /// <summary>
    /// A0 handle, A1 offset or −1 → bytes taken from the pool buffer. −EPIPE: the personality raises SIGPIPE. −EFBIG with V0 =
    /// <see cref="VfsLimits.FileSizeExceeded"/>, here and where else files grow: SIGXFSZ. (waits)
    /// </summary>
    Write = 4,
    /// <summary>A0 handle, A1 offset, A2 whence (incl. SEEK_DATA, SEEK_HOLE) → new offset.</summary>
    Seek = 5,
    /// <summary>
    /// A0 dir or handle, A1 flags (AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH) → fills the buffer, from its first byte (the path is read before), with Linux' x86-64
    /// struct stat, 144 bytes. PoolLength ≥ 144 and ≥ the path; path length in A2. V0, here and of ReadLink and Access, for a relative path: how the
    /// directory is published that it begins at (<see cref="PublishedNames.Reference"/>).
    /// </summary>
    Stat = 6,
    /// <summary>A0 handle → bytes of linux_dirent64 records that fit the buffer.</summary>
    ReadDirectory = 7,
    /// <summary>
    /// A0 dir, path, A2 path length → link text from the buffer's first byte (cut to PoolLength), length as the result. Empty path: the link that handle A0
    /// (O_PATH) is.
    /// </summary>
    ReadLink = 8,
    /// <summary>A0 dir, A1 mode, path.</summary>
    MakeDirectory = 9,
    /// <summary>A0 dir, A1 mode, A2 device number, path.</summary>
    MakeNode = 10,
    /// <summary>A0 dir, A1 flags (AT_REMOVEDIR), path.</summary>
    Unlink = 11,
    /// <summary>A0 old dir, A1 new dir, A2 flags (RENAME_*), A3 length of the old path; pool: old path then new path.</summary>
    Rename = 12,
    /// <summary>A0 old dir, A1 new dir, A2 flags (AT_SYMLINK_FOLLOW, AT_EMPTY_PATH), A3 length of the old path; pool: old then new.</summary>
    Link = 13,
    /// <summary>A0 dir of the link, A3 length of the text; pool: text then link path.</summary>
    SymbolicLink = 14,
    /// <summary>A0 dir or handle, A1 mode, A2 flags (AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW), path.</summary>
    ChangeMode = 15,
    /// <summary>A0 dir or handle, A1 uid | gid &lt;&lt; 32 (0xFFFFFFFF = keep), A2 flags, path.</summary>
    ChangeOwner = 16,
    /// <summary>A0 dir or handle, A1 atime ns (or UTIME_NOW/OMIT as 2^62, 2^62+1), A2 mtime, A3 flags, path. Signed nanoseconds since 1970.</summary>
    SetTimes = 17,
    /// <summary>A0 dir or handle, A1 length, A2 flags (AT_EMPTY_PATH: handle), path.</summary>
    Truncate = 18,
    /// <summary>A0 dir, A1 access mode, A2 flags (AT_EACCESS...), path.</summary>
    Access = 19,
    /// <summary>A0 dir or handle, A1 flags (AT_EMPTY_PATH: fchdir), path.</summary>
    ChangeDirectory = 20,
    /// <summary>→ text length; the working directory in the buffer.</summary>
    GetWorkingDirectory = 21,
    /// <summary>path.</summary>
    ChangeRoot = 22,
    /// <summary>A0 flags (O_CLOEXEC ignored, O_NONBLOCK, O_DIRECT) → read handle; V0 write handle.</summary>
    Pipe = 23,
    /// <summary>
    /// Pool: A0 entries of VfsPollEntry (8 bytes) → number ready (entries updated). A1 = 0: answer at once, 1: (waits) until one is ready; time-outs are the
    /// client's, by Cancel.
    /// </summary>
    Poll = 24,
    /// <summary>
    /// A0 handle, A1 request, A2 argument; the pool buffer holds the structure in and out (TCGETS 36 bytes, TIOCGWINSZ 8, FIONREAD 4, ...). (waits: TCSETSW and
    /// the like)
    /// </summary>
    Control = 25,
    /// <summary>A0 handle → O_* status flags and access mode.</summary>
    GetFlags = 26,
    /// <summary>A0 handle, A1 flags (O_APPEND, O_NONBLOCK, ...).</summary>
    SetFlags = 27,
    /// <summary>A0 dir or handle, A1 flags (AT_EMPTY_PATH) , path length A2 → struct statfs (120 bytes) from the buffer's first byte.</summary>
    StatFileSystem = 28,
    /// <summary>A0 flags, A1..A3 lengths of source, target, type, A4 length of data; pool: the four strings.</summary>
    Mount = 29,
    /// <summary>A0 flags, path.</summary>
    Unmount = 30,
    /// <summary>A0 handle or −1 for all, A1 1 = data only, 2 = the whole file system of the handle.</summary>
    Sync = 31,
    /// <summary>A0 handle, A1 operation (LOCK_SH, LOCK_EX, LOCK_UN | LOCK_NB). (waits)</summary>
    Lock = 32,
    /// <summary>A0 handle, A1 command (F_GETLK, F_SETLK, F_SETLKW), struct flock (32 bytes) in the pool. (waits)</summary>
    RecordLock = 33,
    /// <summary>A0 handle, A1 mode, A2 offset, A3 length.</summary>
    Allocate = 34,
    /// <summary>
    /// A0 out handle, A1 offset or −1, A2 in handle, A3 offset or −1, A4 length ≤ 1 GiB, with bit 63 if pipes are not waited for (SPLICE_F_NONBLOCK), bit 62
    /// for copy_file_range, which has another error for O_APPEND → bytes moved without passing through the program (sendfile, copy_file_range, splice).
    /// V2: slot of the out handle, V1: of the in handle, as <see cref="FileSlots.AreaWanted"/> says. (waits)
    /// </summary>
    Transfer = 35,
    /// <summary>
    /// A0 handle, A1 offset (page aligned), A2 length, A3 MapFlags wanted, A4 address: vfs checks the open mode and maps the file's memory object into the
    /// asking space at that address (which the personality found free) → 0; V0: bytes of file from offset (the rest of the last page is zero), V2 as for
    /// Read. The personality's own kernel call cannot name the object: no handle leaks. −ENODEV where the file has no pages.
    /// </summary>
    Map = 36,
    /// <summary>A0 tag of the request to end → 0. The request itself completes with what it has, or −EINTR.</summary>
    Cancel = 37,
    /// <summary>A0 handle, A3 as for Open → a second handle to the same description (used where a copy must have a handle of its own).</summary>
    Duplicate = 38,
    /// <summary>pool: name; A0 flags → handle of an unlinked memory file (memfd_create).</summary>
    CreateMemoryFile = 39,
    /// <summary>A0 initial value, A1 flags (EFD_SEMAPHORE, EFD_NONBLOCK) → handle.</summary>
    CreateEventCounter = 40,
    /// <summary>
    /// syslog(2): A0 action, A1 length as given (an int), A2 1 if the program gave a buffer → the action's result, text in the pool buffer. (waits: action 2)
    /// </summary>
    KernelLog = 41,
    /// <summary>
    /// A0 <see cref="HostNameAction"/>. Get → pool: host name and domain name, <see cref="SystemName.Field"/> bytes each, filled with NUL. To set, pool: the
    /// new name.
    /// </summary>
    HostNames = 42,
    /// <summary>
    /// A0 out handle, A1 in handle, both of pipes, A2 length, A3 1 = does not wait → bytes copied, which stay in the first pipe (tee). 0 at its end; −EPIPE as
    /// for Write. (waits)
    /// </summary>
    Tee = 43,
    /// <summary>
    /// A0 handle of what another server has the data of → 0. V2: that server's number in the low byte, above it the number of an entry of its
    /// <see cref="GrantTable"/>, which lets this connection and process slot use the handle there until it is closed.
    /// </summary>
    Grant = 44,
    /// <summary>
    /// To another server than vfs: A0 handle, A1 number of the entry → 0: from now on the handle means the same there. Every request there whose handle was not
    /// shown so, or has been closed at vfs, is answered −ESTALE.
    /// </summary>
    ShowGrant = 45,
    /// <summary>
    /// A0 address in the asking space → 0: if a file is mapped there shared, and could be written through that mapping when it was made, all that mappings
    /// have written to the file before is safe (msync), or the error that the mapping's description has not been told; 0 for everything else.
    /// </summary>
    SyncMapping = 46,
    /// <summary>
    /// A0 handle, A1 address at <see cref="Abi.Window.MemorySources"/> whose page is offered: maps the page that holds the description's state there, in its
    /// place → 0. V0: 1 for EFD_SEMAPHORE, and for a timer of the wall clock. −ENODEV where there is no such page, −ENOMEM where there is none now: requests
    /// do as well. docs/memory-sources.md. Of a regular file that several handles have: the page of its offset, <see cref="OffsetPage"/>.
    /// </summary>
    MapSource = 47,
    /// <summary>A0 handle → 0: its page or stream was changed, and said that somebody waits.</summary>
    SourceChanged = 48,
    /// <summary>
    /// A0 handle of a pipe's or fifo's end, or of a stream socket (A2 1: what it reads, 2: what it writes; −ENOTCONN before it has a peer), A1 address at
    /// <see cref="Abi.Window.Streams"/> where <see cref="StreamLayout.Length"/> bytes are offered: maps the stream there, each part as the handle
    /// allows → 0. V0: number of the mapping, which <see cref="StreamSide.Lock"/> names; V1: index of the description among <see cref="StreamLayout.Flags"/>;
    /// V2: 1 may be read, 2 written, and <see cref="StreamLayout.OfSocket"/>. −ENODEV where there is no stream, −ENOMEM where there is none now: requests do
    /// as well. docs/streams.md.
    /// </summary>
    MapStream = 49,
    /// <summary>
    /// A0 <see cref="Abi.Window.FileArea"/>, whose pages are offered: maps the area of slots there (<see cref="FileSlots"/>), once a space → 0. −ENOMEM where
    /// there is none now: requests do as well. docs/files-in-memory.md.
    /// </summary>
    MapFileArea = 50,
    /// <summary>
    /// A0 handle with a slot, A1 offset in the file, A2 the address at <see cref="Abi.Window.FileContents"/> of that slot, or one of the places at
    /// <see cref="Abi.Window.LongContents"/>, where as many bytes as <see cref="FileSlots.Stretch"/> or <see cref="FileSlots.LongStretch"/> says are offered,
    /// A3 <see cref="ContentUse"/>: maps the file there, to be read → 0. What SpaceProtect may add to it, and to what the program maps again by SpaceRepeat, is
    /// nothing, or what mmap(2) would allow. −EACCES where the description may not read, or may write what has a store and is to be mapped again, −ENODEV where
    /// there are no pages.
    /// </summary>
    MapContent = 51,
    /// <summary>
    /// A0 handle with a slot to which writing is lent (<see cref="FileSlots.Lease"/>), A1 offset in the file, A2 the address at
    /// <see cref="Abi.Window.FileWrites"/> of that slot, where as many bytes as <see cref="FileSlots.Stretch"/> says are offered: maps the file there to be
    /// read and written, until the loan ends → 0. A stretch that was mapped before by the same loan is so no more. −EACCES without a loan, −EINVAL where the
    /// file has no pages of its own. The loan ends with any failure but these of the arguments.
    /// </summary>
    MapWritten = 57,
    /// <summary>
    /// A0 <see cref="Abi.Window.PublishedNames"/>, where the asking space has offered memory of the length of <see cref="PublishedNames"/>: maps them there, in
    /// its place, read-only → 0. −EACCES for a process whose root directory is not the system's, or which shares root and working directory with another.
    /// </summary>
    MapNames = 56,
    /// <summary>
    /// → 0. V0: the first of <see cref="PostedLayout.LentHandles"/> handles that opens may be posted for, V1: a bit for each that is free. What is posted is
    /// looked at from now on. −EACCES as for MapNames, −ENFILE, −EMFILE. docs/posted-calls.md.
    /// </summary>
    LendHandles = 60,
    /// <summary>→ 0: what this connection has posted before is served.</summary>
    ServePosted = 61,
    /// <summary>
    /// A0 handle of a pipe's or fifo's end, A1 bytes, A2 1 = gives it this size, which is rounded up → its size. −EBADF: no pipe; −EINVAL: no size; −EBUSY:
    /// more is inside; −EPERM, −ENOMEM: too much. (waits: for a program that is moving data)
    /// </summary>
    PipeSize = 80,
    /// <summary>A0 handle of a pipe's or fifo's end, A1 1 = does not wait, whatever O_NONBLOCK is; pool: data → bytes that fitted (vmsplice). (waits)</summary>
    PutPages = 81,
    /// <summary>The same for what is inside: → bytes, in the pool; 0 at the end. (waits)</summary>
    TakePages = 82,
    /// <summary>
    /// A0 handle of a socket of datagrams or sequenced packets, A1 0, A2 length: begins a message that is longer than a request; or A1 number, which goes on
    /// with it; pool: data → number, which <see cref="Send"/> names. −EMSGSIZE: it is too long, −ENOBUFS: there is too much of them.
    /// </summary>
    GiveMessage = 83,
    /// <summary>A0 number of a message, A1 1 = it is not wanted any more → bytes of it, in the pool; 0: that was all, and the number is free again.</summary>
    TakeMessage = 84,
    /// <summary>A0 clock (CLOCK_REALTIME and the like), A1 flags (TFD_NONBLOCK) → handle of a timer. −EPERM: an alarm clock, and not privileged.</summary>
    CreateTimer = 64,
    /// <summary>
    /// A0 handle of a timer, A1 <see cref="TimerSetting"/>, A2 time, A3 interval, nanoseconds → 0. V0, V1: the <see cref="TimerPage.Expiry"/> and interval that
    /// were there.
    /// </summary>
    SetTimer = 65,
    /// <summary>A0 mask, A1 flags (SFD_NONBLOCK) → handle of a signalfd. vfs knows no signals: it keeps the mask, and is never ready there.</summary>
    CreateSignalFile = 66,
    /// <summary>A0 handle of a signalfd, A1 1: its mask becomes A2 → 0. V0: the mask now, V1: O_* status flags.</summary>
    SetSignalFile = 67,
    /// <summary>
    /// A0 family, type and protocol as socket(2) has them, 16 bits each, A1 O_NONBLOCK, A2 1 = two that are connected → handle; V0 the second handle. What is
    /// not AF_UNIX is −EAFNOSUPPORT. This and the next nine: docs/unix-sockets.md; what is no socket is −ENOTSOCK.
    /// </summary>
    CreateSocket = 70,
    /// <summary>A0 handle, A1 file mask; pool: struct sockaddr_un without its family, as long as given.</summary>
    BindSocket = 71,
    /// <summary>A0 handle, A1 backlog.</summary>
    Listen = 72,
    /// <summary>A0 handle, A1 family; pool: as for <see cref="BindSocket"/>. V0: <see cref="SocketAnswer"/>. (waits)</summary>
    Connect = 73,
    /// <summary>A0 handle, A1 O_NONBLOCK → handle; pool: the peer's address without family, V1 its length. V0: <see cref="SocketAnswer"/>. (waits)</summary>
    Accept = 74,
    /// <summary>A0 handle, A1 1 = the peer's → length of the address in the pool, without family.</summary>
    SocketName = 75,
    /// <summary>
    /// A0 handle, A1 MSG_* flags and the number of <see cref="GiveMessage"/> from bit 32 on, A2 and A3 <see cref="SendArguments"/>, A4 uid | gid &lt;&lt; 32;
    /// pool: address without family, handles of 32 bits, data → bytes taken. V0: <see cref="SocketAnswer"/>. (waits)
    /// </summary>
    Send = 76,
    /// <summary>
    /// A0 handle, A1 MSG_* flags, A2 <see cref="ReceiveArguments"/>, A3 bytes of msg_control, A4 bytes of room, if there is more than here → bytes; pool:
    /// address without family, <see cref="SocketRight"/> each, data. V0: <see cref="SocketAnswer"/>, V1 pid, V2 uid | gid &lt;&lt; 32. (waits)
    /// </summary>
    Receive = 77,
    /// <summary>A0 handle, A1 0 reads, 1 writes, 2 both.</summary>
    ShutDown = 78,
    /// <summary>A0 handle, A1 level | option &lt;&lt; 32, A2 1 = sets it; pool: the value → its length.</summary>
    SocketOption = 79,
    /// <summary>
    /// A0 members that it is about to be given (room is set aside), 0: it has none and is complete → handle of a set of epoll(7). −ENOSPC: there are too many
    /// members. Requests about one that is not complete wait. This and the next two: docs/epoll.md; what is no set is −EINVAL.
    /// </summary>
    CreateSet = 94,
    /// <summary>
    /// A0 handle of a set, A1 number of <see cref="SetEntry"/> in the pool, A2 <see cref="SetEntry.Given"/>, <see cref="SetEntry.Completes"/>: changes
    /// members → 0, or the first error. (waits: until it is complete)
    /// </summary>
    ChangeSet = 95,
    /// <summary>
    /// A0 handle of a set, A1 most, A2 1 = waits → events that are ready, <see cref="SetEntry.EventLength"/> bytes each, in the pool. (waits)
    /// </summary>
    WaitSet = 96,
    /// <summary>
    /// A0 dir, A2 length of the path, A4 as for Open; pool: the path → handle, opened as by Open for execution. The buffer has the file's first bytes from its
    /// own first byte on; V1: how many, fewer than PoolLength only at the end of the file. docs/starting-programs.md.
    /// </summary>
    OpenProgram = 98,
    /// <summary>
    /// A0 handle, A1 number of <see cref="ProgramSegment"/> in the pool → 0: each is mapped as by <see cref="Map"/>; what was mapped before one that fails
    /// stays. With A2 = 1 the handle is closed afterwards, also when a segment fails, if nobody can see that (<see cref="OpenedFile.ClosesUnseen"/>): then V0
    /// is 1, else it is the client's to close.
    /// </summary>
    MapProgram = 99,
    /// <summary>
    /// A0 dir or handle, A1 flags (AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH), A2 length of the path, A3 length of the name with <see cref="ExtendedAttribute"/>'s
    /// flags above; pool: path, name, value → 0. xattr(7), here and below.
    /// </summary>
    SetExtendedAttribute = 100,
    /// <summary>
    /// A0 to A2 as for <see cref="SetExtendedAttribute"/>, A3 length of the name, A4 bytes wanted, 0: only the length; pool: path, name → length of the value,
    /// which is in the buffer from its first byte on. −ERANGE: it is longer than wanted.
    /// </summary>
    GetExtendedAttribute = 101,
    /// <summary>
    /// A0 to A2 as for <see cref="SetExtendedAttribute"/>, A4 as for <see cref="GetExtendedAttribute"/>; pool: path → length of all names, each with a zero
    /// byte behind it.
    /// </summary>
    ListExtendedAttributes = 102,
    /// <summary>A0 to A2 as for <see cref="SetExtendedAttribute"/>, A3 length of the name; pool: path, name → 0.</summary>
    RemoveExtendedAttribute = 103,
    /// <summary>A0 key, A1 bytes, A2 flags and mode → id: shmget(2). This and all below: docs/system-v-ipc.md.</summary>
    GetSegment = 104,
    /// <summary>
    /// A0 id, A1 SHM_* flags, A2 address, A3 <see cref="Abi.MapFlags.Replace"/> or 0: checks what shmat(2) checks, and unless the address is 0 maps the segment
    /// there, where nothing is or what is offered → 0. V0: its length in whole pages. −EEXIST: something is there.
    /// </summary>
    AttachSegment = 105,
    /// <summary>A0 id: the asking space has unmapped what it had attached of it → 0, also if there is no such segment any more.</summary>
    SegmentDetached = 106,
    /// <summary>A0 id or place, A1 command; pool: the structure, in or out → the command's result: shmctl(2).</summary>
    ControlSegment = 107,
    /// <summary>A0 key, A1 number of semaphores, A2 flags and mode → id: semget(2).</summary>
    GetSemaphores = 108,
    /// <summary>A0 id, A1 number of operations, A2 1 = does not wait; pool: struct sembuf of each → 0: semop(2). (waits)</summary>
    OperateSemaphores = 109,
    /// <summary>
    /// A0 id or place, A1 command, A2 number of the semaphore, A3 value; pool: the structure, or the values → the command's result: semctl(2). GETALL and
    /// SETALL: V0 how many values there are; GETALL gives as many as there is room for, SETALL without a pool sets none.
    /// </summary>
    ControlSemaphores = 110,
    /// <summary>A0 key, A1 flags and mode → id: msgget(2).</summary>
    GetQueue = 111,
    /// <summary>A0 id, A1 type, A2 flags; pool: the text → 0: msgsnd(2). (waits)</summary>
    SendQueued = 112,
    /// <summary>A0 id, A1 type, A2 flags, A3 bytes wanted → bytes of text in the pool, V0: the message's type: msgrcv(2). −ENOBUFS: the buffer is
    /// shorter than both. (waits)</summary>
    ReceiveQueued = 113,
    /// <summary>A0 id or place, A1 command; pool: the structure, in or out → the command's result: msgctl(2).</summary>
    ControlQueue = 114,
}

/// <summary>What both sides of the protocol know of an operation beside its contract.</summary>
public static class VfsOperations
{
    /// <summary>
    /// Those marked (waits): they may wait for an event, so the client ends them by Cancel when a signal or a deadline comes. The others wait for nothing but
    /// what is on its way (a page of a disk), which Linux does not interrupt either.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MayWaitForEvent(VfsOperation operation) => operation is VfsOperation.Open or VfsOperation.Read or VfsOperation.Write or VfsOperation.Poll
        or VfsOperation.Control or VfsOperation.Lock or VfsOperation.RecordLock or VfsOperation.Transfer or VfsOperation.KernelLog or VfsOperation.Tee
        or VfsOperation.PipeSize or VfsOperation.PutPages or VfsOperation.TakePages or VfsOperation.ChangeSet or VfsOperation.WaitSet
        or VfsOperation.Connect or VfsOperation.Accept or VfsOperation.Send or VfsOperation.Receive
        or VfsOperation.OperateSemaphores or VfsOperation.SendQueued or VfsOperation.ReceiveQueued;
}

/// <summary>Limits of the vfs protocol.</summary>
public static class VfsLimits
{
    /// <summary>Directory argument that stands for the working directory.</summary>
    public const ulong WorkingDirectory = 0xFFFF_FFFF;
    /// <summary>Slots of a program's rings: 32 requests, and for each its cancellation.</summary>
    public const uint Slots = 64;
    /// <summary>
    /// Bytes of pool 0, which every program has from the start: two paths (rename), or an atomic write and what other threads need at that moment. It is paid
    /// at every fork, so it is small.
    /// </summary>
    public const int PoolLength = 0x2000;
    /// <summary>Number of the pool for large transfers, which a program gets when it first needs it (<see cref="ProcessOperation.AttachPool"/>).</summary>
    public const byte LargePool = 1;
    /// <summary>Bytes of the large pool: two full pipe buffers (64 KiB) and some room.</summary>
    public const int LargePoolLength = 0x24000;
    /// <summary>
    /// Descriptors in the table that the client publishes in the area of its connection, for /proc/PID/fd: u16 vfs handle + 1, 0 = closed. Nobody relies on it.
    /// </summary>
    public const int DescriptorTableEntries = 1024;
    /// <summary>Offset of that table in the rings' object.</summary>
    public const uint DescriptorTable = RingLayout.Area;
    // What is left of the first page: the slots fill the two pages behind it.
    private const uint AreaLength = 0x1000 - RingLayout.Area;
    /// <summary>Shape of a program's connection.</summary>
    public static ConnectionShape Shape => new(Slots, PoolLength, AreaLength);
    /// <summary>Most handles that are closed with the message by which an exec ends; the program closes others itself.</summary>
    public const int ClosedByExec = 256;
    /// <summary>Largest size that a user may give a pipe: Linux' default of fs.pipe-max-size, pipe(7).</summary>
    public const int LargestPipe = 1 << 20;
    /// <summary>Longest path, bytes without NUL (PATH_MAX is 4,096 with it).</summary>
    public const int PathLimit = 4095;
    /// <summary>V2 of an answer to Open, for what another server owns.</summary>
    public static ulong Granted(uint server, ulong grant) => server | grant << 8;
    /// <summary>V0 of an answer −EFBIG: the process' RLIMIT_FSIZE forbids it, not the file system.</summary>
    public const ulong FileSizeExceeded = 1;
}

/// <summary>
/// <see cref="Rings.Submission.Flags"/> of Read, Write and Control: what the calling thread does with the signals of terminal access control. Only the
/// personality knows; who lies harms itself.
/// </summary>
public static class TerminalSignals
{
    /// <summary>SIGTTIN is blocked or ignored.</summary>
    public const byte InputOff = 1;
    /// <summary>SIGTTOU is blocked or ignored.</summary>
    public const byte OutputOff = 2;
}

/// <summary>One entry of a poll request in the pool.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential)]
public struct VfsPollEntry
{
    /// <summary>
    /// In <see cref="Events"/>, beside POLL*: found only if there has been a change since the one whose number stands in the upper half of
    /// <see cref="Handle"/> (its low bits: <see cref="EventCounterPage.ChangeNumber"/>). Of a description whose page is mapped.
    /// </summary>
    public const ushort Changed = 0x8000;
    /// <summary>In <see cref="Events"/>: of those that wait for the description so, one is woken at a time (EPOLLEXCLUSIVE).</summary>
    public const ushort Exclusive = 0x4000;
    /// <summary>Where that number is in <see cref="Handle"/>.</summary>
    public const int NumberShift = 16;
    /// <summary>vfs handle.</summary>
    public uint Handle;
    /// <summary>POLL* wanted.</summary>
    public ushort Events;
    /// <summary>POLL* found.</summary>
    public ushort Returned;
}

using System.Runtime.CompilerServices;
using Libsys.Messages;

namespace Servers.Vfs.Objects;

/// <summary>
/// A file of any kind, apart from its names. The members that change directories answer by default what Linux answers for a file system
/// without the operation.
/// </summary>
/// <remarks>
/// Every member that takes an <see cref="OperationContext"/> may wait, and fails or waits only before its first visible effect:
/// docs/decisions/waiting-before-effects.md. Attributes are valid after <see cref="Refresh"/>, and from the operation that answered the inode, until the try
/// ends.
/// </remarks>
public abstract class Inode
{
    private uint mode, userId, groupId, linkCount = 1;
    private long accessTime, modifyTime, changeTime;

    /// <summary>An inode of a file system.</summary>
    protected Inode(FileSystem fileSystem, ulong number, uint mode)
    {
        FileSystem = fileSystem;
        Number = number;
        this.mode = mode;
    }

    /// <summary>One with all times at <paramref name="now"/>.</summary>
    private protected Inode(FileSystem fileSystem, ulong number, uint mode, long now)
        : this(fileSystem, number, mode) => accessTime = modifyTime = changeTime = now;

    /// <summary>The file system that it belongs to.</summary>
    public FileSystem FileSystem { get; }

    /// <summary>st_ino.</summary>
    public ulong Number { get; }

    /// <summary>st_dev and st_ino: others than those of the file system where it shows files of several.</summary>
    public virtual (uint Device, ulong Number) Identity => (FileSystem.Device, Number);

    /// <summary>Type and permission bits.</summary>
    public uint Mode
    {
        get => mode;
        protected set => ChangeRights(ref mode, value);
    }

    /// <summary>Owner.</summary>
    public uint UserId
    {
        get => userId;
        protected set => ChangeRights(ref userId, value);
    }

    /// <summary>Group.</summary>
    public uint GroupId
    {
        get => groupId;
        protected set => ChangeRights(ref groupId, value);
    }

    /// <summary>Owner and group that an inode is made with.</summary>
    public (uint User, uint Group) Owner
    {
        get => (UserId, GroupId);
        init => (UserId, GroupId) = value;
    }

    /// <summary>Number of names.</summary>
    public uint LinkCount
    {
        get => linkCount;
        protected set => Change(ref linkCount, value);
    }

    /// <summary>st_rdev of a device node.</summary>
    public uint Device { get; init; }

    /// <summary>Nanoseconds since 1970 of the last access.</summary>
    public virtual long AccessTime
    {
        get => accessTime;
        protected set => Change(ref accessTime, value);
    }

    /// <summary>Nanoseconds since 1970 of the last change of content.</summary>
    public virtual long ModifyTime
    {
        get => modifyTime;
        protected set => Change(ref modifyTime, value);
    }

    /// <summary>Nanoseconds since 1970 of the last change of the inode.</summary>
    public virtual long ChangeTime
    {
        get => changeTime;
        protected set => Change(ref changeTime, value);
    }

    /// <summary>st_size.</summary>
    public virtual long Size => 0;

    /// <summary>st_blocks in units of 512 bytes.</summary>
    public virtual long Blocks => 0;

    /// <summary>st_blksize.</summary>
    public virtual long BlockSize => 4096;

    /// <summary>
    /// Programs may be shown what is in memory of it: this object, with what it reports by <see cref="AttributesChanged"/> and <see cref="NameChanged"/>, is
    /// the whole truth about its attributes and, of a directory, its names. docs/published-names.md.
    /// </summary>
    public virtual bool CanBePublished => false;

    /// <summary>
    /// Its attributes may change without a request, so that programs have to ask for them: somebody may write it through a mapping, or reads or writes it in
    /// memory, or changes its names without waiting.
    /// </summary>
    public virtual bool MayChangeUnseen => Naming != null;

    /// <summary>Each change of its attributes goes by <see cref="Changing"/> from now on: what a program is shown of them is true until then.</summary>
    public virtual bool TellsChanges => true;

    /// <summary>What is told when it changes, because programs are shown something of it; null: nothing is.</summary>
    internal IPublication? Publication { get; set; }

    /// <summary>By what a program may change its names without waiting, or, of a directory, those in it; null: nobody may.</summary>
    internal INamePermit? Naming { get; private set; }

    /// <summary>A program may from now on; what others see in memory of its attributes they do not see any more. Null: it may not.</summary>
    internal void SetNaming(INamePermit? permit)
    {
        Naming = permit;
        Changing();
        AttributesChanged();
    }

    /// <summary>True for the directory of a permit: what its names stand for may change without a request.</summary>
    internal bool NamesMayChangeUnseen => Naming is { } permit && permit.Directory == this;

    /// <summary>A directory that a path leads through which is remembered (<see cref="FileSystem.Known"/>).</summary>
    internal bool IsOnKnownWay { get; set; }

    /// <summary>Locks held on the file; made when the first one is taken.</summary>
    public FileLocks? Locks { get; set; }

    /// <summary>The value of an extended attribute, xattr(7); ENODATA, or EOPNOTSUPP for a namespace that is not kept here.</summary>
    public virtual Errno GetExtendedAttribute(OperationContext context, ReadOnlySpan<byte> name, out byte[] value)
    {
        value = [];
        return Errno.EOPNOTSUPP;
    }

    /// <summary>Adds the names of all extended attributes.</summary>
    public virtual Errno ListExtendedAttributes(OperationContext context, List<byte[]> names) => Errno.None;

    /// <summary>Sets or removes one, with the time of change. ENOSPC: there is no room.</summary>
    public virtual Errno SetExtendedAttribute(OperationContext context, in ExtendedAttributeChange change) => Errno.EOPNOTSUPP;

    /// <summary>Where programs see its attributes in memory (docs/files-in-memory.md); null: nowhere.</summary>
    public FileSlot? FirstShown { get; internal set; }

    /// <summary>Where the handle to which writing is lent is shown; null: nobody writes in memory.</summary>
    internal FileSlot? Writer { get; private set; }

    /// <summary>
    /// Writing within the end is lent to the handle of a slot; to nobody else before. Its times change without a request from now on, so nobody is shown them.
    /// </summary>
    internal void LendWriting(FileSlot slot)
    {
        Writer = slot;
        Changing();
        AttributesChanged();
        slot.GiveLease(Size);
    }

    /// <summary>
    /// Nobody writes in memory any more when this has returned. Before anybody else writes, and before length, pages, mode, owner or times are set. Costs
    /// nothing where nobody does.
    /// </summary>
    /// <param name="byOthers">False: the handle is gone.</param>
    internal void EndWriting(bool byOthers = true)
    {
        if (Writer is not { } slot)
            return;
        Writer = null;
        WritingEnded(slot.TakeLease(), byOthers);
        AttributesChanged();
    }

    /// <summary>By what a handle may write without waiting; null: all wait.</summary>
    internal IWritePermit? Permit { get; private set; }

    /// <summary>A handle may, and no other before that may not any more. What programs see of the file in memory they do not see from now on.</summary>
    internal void GivePermit(IWritePermit permit)
    {
        Permit = permit;
        Changing();
        AttributesChanged();
    }

    /// <summary>
    /// It may not any more when this has returned: before anybody sees the file without a request. Costs nothing where nobody may.
    /// </summary>
    public void EndPosting()
    {
        if (Permit is not { } permit)
            return;
        Permit = null;
        permit.End();
        AttributesChanged();
    }

    /// <summary>A loan has ended: with the time of a write that nobody has been told of, which may be any number, or 0.</summary>
    private protected virtual void WritingEnded(long told, bool byOthers)
    {
    }

    /// <summary>
    /// An attribute or the content changes, and what programs see of them in memory is shown no more. Before a change of the content; before the call that
    /// makes the change has returned in any case.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // most inodes are shown nowhere
    public void Changing()
    {
        if (FirstShown != null)
            Conceal();
    }

    private void Conceal()
    {
        for (FileSlot? slot = FirstShown; slot != null; slot = slot.NextOfInode)
            slot.Conceal();
    }

    /// <summary>True if programs that read in memory tell when: the access time changes without a request.</summary>
    public bool IsReadInMemory
    {
        get
        {
            FileSlot? slot = FirstShown;
            while (slot != null && (slot.Shown & FileSlots.Touches) == 0)
                slot = slot.NextOfInode;
            return slot != null;
        }
    }

    /// <summary>Records of attributes are shown no more, for the access time will change without a request.</summary>
    public void ConcealRecords()
    {
        for (FileSlot? slot = FirstShown; slot != null; slot = slot.NextOfInode)
        {
            if ((slot.Shown & FileSlots.HasRecord) != 0)
                slot.Conceal();
        }

        AttributesChanged();
    }

    /// <summary>The latest time that programs have told of reads in memory, which may be any number; 0: none.</summary>
    protected long TakeAccess()
    {
        long latest = 0;
        for (FileSlot? slot = FirstShown; slot != null; slot = slot.NextOfInode)
            latest = Math.Max(latest, slot.TakeAccess());
        return latest;
    }

    /// <summary>True for a directory.</summary>
    public bool IsDirectory => InodeMode.Type(Mode) == InodeMode.Directory;

    /// <summary>True for a symbolic link.</summary>
    public bool IsSymbolicLink => InodeMode.Type(Mode) == InodeMode.SymbolicLink;

    /// <summary>True for a regular file.</summary>
    public bool IsRegular => InodeMode.Type(Mode) == InodeMode.Regular;

    /// <summary>Finds a name in this directory; ENOENT if there is none.</summary>
    public virtual Errno Lookup(OperationContext context, Dentry self, ReadOnlySpan<byte> name, out Dentry? child)
    {
        child = null;
        return Errno.ENOTDIR;
    }

    /// <summary>Text of a symbolic link.</summary>
    public virtual Errno ReadLink(OperationContext context, out byte[] text)
    {
        text = [];
        return Errno.EINVAL;
    }

    /// <summary>Target of a link that names an object rather than a path (/proc/PID/fd/N); false for ordinary links.</summary>
    public virtual bool TryFollow(OperationContext context, out Location target, out Errno error)
    {
        target = default;
        error = Errno.None;
        return false;
    }

    /// <summary>
    /// Opens the file; permissions have been checked. The description of a regular file is no visible effect: it may be released and made again. An inode that
    /// was made in the same try opens without waiting.
    /// </summary>
    public abstract Errno Open(in OpenRequest request, out OpenFile? file);

    /// <summary>Creates a file of any type but directory and symbolic link.</summary>
    public virtual Errno Create(OperationContext context, Dentry self, ReadOnlySpan<byte> name, uint mode, uint device, out Dentry? child)
    {
        child = null;
        return Errno.EPERM;
    }

    /// <summary>What open(2) with O_CREAT says where files cannot be created.</summary>
    public virtual bool CanCreate => false;

    /// <summary>Creates a directory.</summary>
    public virtual Errno MakeDirectory(OperationContext context, Dentry self, ReadOnlySpan<byte> name, uint mode, out Dentry? child)
    {
        child = null;
        return Errno.EPERM;
    }

    /// <summary>Creates a symbolic link.</summary>
    public virtual Errno SymbolicLink(OperationContext context, Dentry self, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text) => Errno.EPERM;

    /// <summary>Gives <paramref name="target"/> a further name.</summary>
    public virtual Errno Link(OperationContext context, Dentry self, ReadOnlySpan<byte> name, Inode target) => Errno.EPERM;

    /// <summary>Removes a name that is not a directory.</summary>
    public virtual Errno Unlink(OperationContext context, Dentry self, Dentry child) => Errno.EPERM;

    /// <summary>Removes an empty directory.</summary>
    public virtual Errno RemoveDirectory(OperationContext context, Dentry self, Dentry child) => Errno.EPERM;

    /// <summary>Moves a name; the caller has checked types, loops and permissions. <paramref name="replaced"/> goes away.</summary>
    public virtual Errno Rename(OperationContext context, Dentry self, Dentry child, Dentry newParent, ReadOnlySpan<byte> newName, Dentry? replaced) =>
        Errno.EPERM;

    /// <summary>Swaps two names (RENAME_EXCHANGE).</summary>
    public virtual Errno Exchange(OperationContext context, Dentry first, Dentry second) => Errno.EINVAL;

    /// <summary>Creates an unnamed file (O_TMPFILE).</summary>
    public virtual Errno CreateUnnamed(OperationContext context, uint mode, out Inode? inode)
    {
        inode = null;
        return Errno.EOPNOTSUPP;
    }

    /// <summary>Makes the attributes valid until the try ends: those in memory always are.</summary>
    public virtual Errno Refresh(OperationContext context) => Errno.None;

    /// <summary>Changes attributes, all or none. EINVAL where the file has no length to set; by default EPERM for everything else, as in procfs.</summary>
    public virtual Errno SetAttributes(OperationContext context, in AttributeChange change) => change.Size != null ? Errno.EINVAL : Errno.EPERM;

    /// <summary>Attributes have changed that are not kept here, or <see cref="MayChangeUnseen"/> has.</summary>
    internal void AttributesChanged() => Publication?.AttributesChanged();

    /// <summary>A name was added or removed in this directory.</summary>
    internal void NameChanged(ReadOnlySpan<byte> name)
    {
        Naming?.NamesChanged();
        Publication?.NameChanged(name);
    }

    /// <summary>A name of it is gone.</summary>
    internal void NameGoes()
    {
        if (IsOnKnownWay)
            ForgetWay();
    }

    private void ForgetWay()
    {
        IsOnKnownWay = false;
        FileSystem.Known.Forget();
    }

    // Who may search a directory.
    private void ChangeRights(ref uint attribute, uint value)
    {
        if (IsOnKnownWay)
            ForgetWay();
        Change(ref attribute, value);
        Naming?.RightsChanged(this);
    }

    // Inlined: a file that is made and removed goes through here some thirty times.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Change<T>(ref T attribute, T value)
        where T : unmanaged, IEquatable<T>
    {
        if (attribute.Equals(value))
            return;
        Changing();
        attribute = value;
        Publication?.AttributesChanged();
    }

    /// <summary>Owner and mode of an inode that is being made: nobody is to be told of them.</summary>
    private protected void Begin(uint user, uint group, uint bits) => (userId, groupId, mode) = (user, group, bits);

    /// <summary>Times of the last change of content and of the inode, in one step.</summary>
    private protected void SetTimes(long modify, long change)
    {
        if (modifyTime == modify && changeTime == change)
            return;
        Changing();
        (modifyTime, changeTime) = (modify, change);
        Publication?.AttributesChanged();
    }

    /// <summary>Takes over all of a change but the size.</summary>
    protected void Apply(in AttributeChange change)
    {
        if (change.Mode is { } mode)
            Mode = (Mode & InodeMode.TypeMask) | (mode & InodeMode.Permissions);
        UserId = change.UserId ?? UserId;
        GroupId = change.GroupId ?? GroupId;
        if (change.AccessTime is { } access)
            AccessTime = access;
        if (change.ModifyTime is { } modify)
            ModifyTime = modify;
        ChangeTime = change.ChangeTime;
    }
}

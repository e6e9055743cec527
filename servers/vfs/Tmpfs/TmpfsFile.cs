using Servers.Vfs.Attributes;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Tmpfs;

/// <summary>A regular file in memory.</summary>
public sealed class TmpfsFile : MemoryInode, ITmpfsInode
{
    private readonly TmpfsFileSystem fileSystem;
    // A loan of writing is worth so many writes by request in turn at first, and at most; as a mapping costs as much as a few of them.
    private const int FirstWorth = 4, LargestWorth = 256;

    private int openCount, writingWorth = FirstWorth;
    private uint writeNumber;
    private bool isFreed;
    private bool isUnnamed;

    internal TmpfsFile(TmpfsFileSystem fileSystem, ulong number, uint mode)
        : base(fileSystem, number, mode, fileSystem.Now)
    {
        this.fileSystem = fileSystem;
        Content = new CachedFile(fileSystem.Cache, fileSystem.Budget) { Inode = this };
    }

    /// <summary>The bytes.</summary>
    public CachedFile Content { get; }

    /// <inheritdoc/>
    public override long Size => Content.Size;

    /// <inheritdoc/>
    public override long Blocks => Content.CountTouchedPages() * (CachedFile.PageSize / StatRecord.BlockUnit);

    /// <inheritdoc/>
    public override bool CanBePublished => true;

    /// <inheritdoc/>
    public override bool MayChangeUnseen => Content.IsWritableShared || IsReadInMemory || Writer != null || Permit != null || Naming != null;

    /// <inheritdoc cref="TmpfsFileSystem.ShowsHoles"/>
    internal bool ShowsHoles => fileSystem.ShowsHoles;

    /// <summary>Also of reads in memory: what programs tell of them counts as far as it lies between the last time and now.</summary>
    public override long AccessTime
    {
        get
        {
            if (FirstShown != null && TakeAccess() is var told && told > base.AccessTime)
                base.AccessTime = Math.Max(Math.Min(told, Now), base.AccessTime);
            return base.AccessTime;
        }

        protected set => base.AccessTime = value;
    }

    /// <inheritdoc/>
    public override long ModifyTime
    {
        get
        {
            LearnWrites();
            return base.ModifyTime;
        }

        protected set => base.ModifyTime = value;
    }

    /// <inheritdoc/>
    public override long ChangeTime
    {
        get
        {
            LearnWrites();
            return base.ChangeTime;
        }

        protected set => base.ChangeTime = value;
    }

    /// <summary>Time, for the description's stamps.</summary>
    internal long Now => fileSystem.Clock.Wall;

    /// <inheritdoc/>
    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        openCount++;
        if (LinkCount == 0)
            LinksChanged();
        file = new TmpfsOpenFile(request.Location, request.Flags, this);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno SetAttributes(OperationContext context, in AttributeChange change)
    {
        EndWriting();
        if (change.Size is { } length && Content.Truncate(length) is var error and not Errno.None)
            return error;
        Apply(change);
        return Errno.None;
    }

    /// <summary>It was written by somebody: the times, and the set-id bits that fall with it.</summary>
    internal void Written(Credentials credentials)
    {
        ModifyTime = ChangeTime = Now;
        Mode = SetId.AfterWrite(this, credentials);
    }

    /// <summary>The same, at a time that a program tells: it counts as far as it lies between the last change and now.</summary>
    internal void Written(Credentials credentials, long told)
    {
        ModifyTime = ChangeTime = Math.Min(Math.Max(told, base.ChangeTime), Now);
        Mode = SetId.AfterWrite(this, credentials);
    }

    /// <summary>
    /// Counts a write by request. True: by who wrote last, too, and so often in turn that it is worth lending writing to him.
    /// </summary>
    /// <param name="last">Number of the writer's last write; the number of this one afterwards.</param>
    /// <param name="inTurn">How many there were in turn.</param>
    internal bool CountWrite(ref uint last, ref int inTurn)
    {
        inTurn = last == writeNumber ? inTurn + 1 : 1;
        last = ++writeNumber;
        return inTurn >= writingWorth;
    }

    /// <inheritdoc/>
    private protected override void WritingEnded(long told, bool byOthers)
    {
        Learn(told);
        writeNumber++; // whoever had it counts from one again
        if (byOthers)
            writingWorth = Math.Min(writingWorth * 2, LargestWorth);
    }

    private void LearnWrites()
    {
        if (Writer is { } writer)
            Learn(writer.TakeWritten());
    }

    // What a program tells of its writes counts as far as it lies between the last time and now.
    private void Learn(long told)
    {
        if (told <= 0)
            return;
        told = Math.Min(told, Now);
        if (told > base.ModifyTime)
            base.ModifyTime = told;
        if (told > base.ChangeTime)
            base.ChangeTime = told;
    }

    /// <summary>An open description is gone.</summary>
    internal void Released()
    {
        openCount--;
        if (LinkCount == 0)
            LinksChanged();
        FreeIfUnused();
    }

    // Whether it is open and has no name; told to the file system, which cannot become read-only then.
    private protected override void LinksChanged()
    {
        bool isNow = LinkCount == 0 && openCount > 0;
        if (isNow != isUnnamed)
            fileSystem.UnnamedFiles += isNow ? 1 : -1;
        isUnnamed = isNow;
    }

    /// <inheritdoc/>
    public void FreeIfUnused()
    {
        if (LinkCount > 0 || openCount > 0 || isFreed)
            return;
        isFreed = true;
        Content.Release();
        fileSystem.InodeFreed(this);
    }
}

using Servers.Vfs.Attributes;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Tmpfs;

/// <summary>A regular file in memory.</summary>
public sealed class TmpfsFile : MemoryInode, ITmpfsInode
{
    private readonly TmpfsFileSystem fileSystem;
    private int openCount;
    private bool isFreed;
    private bool isUnnamed;

    internal TmpfsFile(TmpfsFileSystem fileSystem, ulong number, uint mode)
        : base(fileSystem, number, mode, fileSystem.Clock.Wall)
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
    public override bool MayChangeUnseen => Content.IsWritableShared || IsReadInMemory;

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
        fileSystem.InodeFreed();
    }
}

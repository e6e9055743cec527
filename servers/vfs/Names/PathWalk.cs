using Servers.Vfs.Attributes;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Names;

/// <summary>
/// One path lookup, path_resolution(7). Reused from request to request, so a walk allocates nothing: the client's text is copied once into
/// <see cref="text"/>, and link texts are walked where they are.
/// </summary>
/// <remarks>
/// <see cref="Begin"/> then <see cref="ToLast"/> leave the walk before the last component; <see cref="LookupLast"/> looks at it and
/// <see cref="FollowLast"/> goes on through a symbolic link. <see cref="Resolve"/> does all of it. Each step may answer Wait: the walk is then over, holds
/// nothing, and the next try begins a new one.
/// </remarks>
/// <param name="breathe">Called from time to time in a long walk, so that the server can show that it lives; null: nobody asks.</param>
public sealed class PathWalk(Action? breathe = null)
{
    /// <summary>NAME_MAX, limits.h.</summary>
    public const int LongestName = 255;

    /// <summary>MAXSYMLINKS: links followed in one lookup before ELOOP, path_resolution(7).</summary>
    public const int LongestLinkChain = 40;

    // 40 link texts of PATH_MAX hold some 80,000 components, which take most of a second under emulation. This many take milliseconds.
    private const int ComponentsPerBreath = 1024;

    private readonly byte[] text = new byte[Libsys.Messages.VfsLimits.PathLimit];
    private readonly Part[] parts = new Part[LongestLinkChain + 1];
    private OperationContext context = null!;
    private INameObserver? observer;
    private int depth;
    private int linksFollowed;
    private int components;
    private ReadOnlyMemory<byte> last;

    /// <summary>Directory that the last component is looked up in; with <see cref="LastKind.Jump"/> the result itself.</summary>
    public Location Parent { get; private set; }

    /// <summary>Kind of the last component.</summary>
    public LastKind Kind { get; private set; }

    /// <summary>The path ends with a slash: the result must be a directory.</summary>
    public bool TrailingSlash { get; private set; }

    /// <summary>The last component, if it is a name.</summary>
    public ReadOnlySpan<byte> LastName => last.Span;

    /// <summary>Copies <paramref name="path"/> and chooses where to start. <paramref name="start"/> counts only for relative paths.
    /// <paramref name="told"/> learns of each name on the way.</summary>
    public Errno Begin(OperationContext asking, Location start, ReadOnlySpan<byte> path, INameObserver? told = null)
    {
        if (path.IsEmpty)
            return Errno.ENOENT;
        if (path.Length > text.Length)
            return Errno.ENAMETOOLONG;
        path.CopyTo(text);
        if (text.AsSpan(0, path.Length).Contains((byte)0))
            return Errno.EINVAL;
        context = asking;
        observer = told;
        linksFollowed = 0;
        depth = 0;
        TrailingSlash = false;
        Parent = start;
        Push(text.AsMemory(0, path.Length), isOwn: true);
        return Errno.None;
    }

    /// <summary>Walks all components but the last.</summary>
    public Errno ToLast()
    {
        bool hasMore = HasMore();
        while (hasMore)
        {
            TakeComponent(out ReadOnlyMemory<byte> component, out ReadOnlySpan<byte> name);
            if (!Parent.Inode.IsDirectory)
                return Errno.ENOTDIR;
            Errno error = Permission.Check(context, Parent.Inode, AccessMode.Execute);
            if (error != Errno.None)
                return error;
            if (name.Length > LongestName)
                return Errno.ENAMETOOLONG;
            if (!HasMore())
            {
                last = component;
                Kind = name is [(byte)'.'] ? LastKind.Dot : name is [(byte)'.', (byte)'.'] ? LastKind.DotDot : LastKind.Name;
                return Errno.None;
            }

            int followed = linksFollowed;
            error = Step(name);
            if (error != Errno.None)
                return error;
            if (followed != linksFollowed)
                hasMore = HasMore(); // of the link's text, which may be slashes only
        }

        Kind = LastKind.Root;
        return Errno.None;
    }

    /// <summary>What the last component names, without following a link; ENOENT if nothing.</summary>
    public Errno LookupLast(out Location found)
    {
        found = Parent;
        switch (Kind)
        {
            case LastKind.DotDot:
                found = GoUp(Parent);
                return Errno.None;
            case LastKind.Name:
                return LookUp(last.Span, out found);
            default:
                return Errno.None;
        }
    }

    /// <summary>Goes on through the symbolic link that <see cref="LookupLast"/> found, up to its own last component.</summary>
    public Errno FollowLast(Location link)
    {
        Errno error = Follow(link);
        if (error != Errno.None || Kind == LastKind.Jump)
            return error;
        return ToLast();
    }

    /// <summary>The whole lookup. With <paramref name="follow"/> a link at the end is followed; a trailing slash follows it as well.</summary>
    /// <param name="asking">Who asks.</param>
    /// <param name="start">Where a relative path begins.</param>
    /// <param name="path">The path.</param>
    /// <param name="follow">Whether a link at the end is followed.</param>
    /// <param name="found">What it names.</param>
    /// <param name="told">Told of each name on the way; null: nobody is.</param>
    public Errno Resolve(OperationContext asking, Location start, ReadOnlySpan<byte> path, bool follow, out Location found, INameObserver? told = null)
    {
        found = start;
        Errno error = Begin(asking, start, path, told);
        if (error == Errno.None)
            error = ToLast();
        while (error == Errno.None)
        {
            error = LookupLast(out found);
            if (error != Errno.None)
                return error;
            if (!found.Inode.IsSymbolicLink || Kind == LastKind.Jump || !(follow || TrailingSlash))
                break;
            error = FollowLast(found);
        }

        if (error == Errno.None && TrailingSlash && !found.Inode.IsDirectory)
            return Errno.ENOTDIR;
        return error;
    }

    private Errno Step(ReadOnlySpan<byte> name)
    {
        if (name is [(byte)'.'])
            return Errno.None;
        if (name is [(byte)'.', (byte)'.'])
        {
            Parent = GoUp(Parent);
            return Errno.None;
        }

        Errno error = LookUp(name, out Location next);
        if (error != Errno.None)
            return error;
        if (next.Inode.IsSymbolicLink)
            return Follow(next);
        Parent = next;
        return Errno.None;
    }

    private Errno LookUp(ReadOnlySpan<byte> name, out Location found)
    {
        found = Parent;
        Errno error = Parent.Inode.Lookup(context, Parent.Dentry, name, out Dentry? child);
        if (error == Errno.None)
        {
            found = MountTree.Descend(new Location(Parent.Mount, child!));
            observer?.Found(Parent, name, found);
        }
        else if (error == Errno.ENOENT)
        {
            observer?.Absent(Parent, name);
        }

        return error;
    }

    private Errno Follow(Location link)
    {
        if (++linksFollowed > LongestLinkChain)
            return Errno.ELOOP;
        Errno error = CheckLink(link.Inode);
        if (error != Errno.None)
            return error;
        if (link.Inode.TryFollow(context, out Location target, out error))
        {
            if (error != Errno.None)
                return error;
            Parent = target;
            Kind = LastKind.Jump;
            return Errno.None;
        }

        error = link.Inode.ReadLink(context, out ReadOnlyMemory<byte> linkText);
        if (error != Errno.None)
            return error;
        if (linkText.IsEmpty)
            return Errno.ENOENT;
        Push(linkText, isOwn: false);
        return Errno.None;
    }

    // fs.protected_symlinks of proc(5), which Debian's kernel switches on: in a sticky directory that all may write, a link is followed
    // only for its owner, or when the directory belongs to the link's owner.
    private Errno CheckLink(Inode link)
    {
        const uint shared = InodeMode.Sticky | 2;
        Inode directory = Parent.Inode; // searched before: its attributes are valid
        if ((directory.Mode & shared) != shared)
            return Errno.None;
        Errno error = link.Refresh(context);
        if (error != Errno.None)
            return error;
        return link.UserId != context.Credentials.UserId && link.UserId != directory.UserId ? Errno.EACCES : Errno.None;
    }

    private Location GoUp(Location from)
    {
        Location root = context.Subject.Context.Root;
        if (from == root)
            return from;
        Location top = MountTree.Ascend(from);
        if (top == root || top.Dentry.Parent == null)
            return MountTree.Descend(top);
        return MountTree.Descend(new Location(top.Mount, top.Dentry.Parent));
    }

    private void Push(ReadOnlyMemory<byte> path, bool isOwn)
    {
        // A link at the end of everything needs no return to the text before it: that keeps the stack within the number of links.
        while (depth > 0 && parts[depth - 1].Position >= parts[depth - 1].Text.Length)
            depth--;
        ref Part part = ref parts[depth++];
        part = new Part { Text = path, IsOwn = isOwn };
        if (TextOf(part)[0] == (byte)'/')
            Parent = context.Subject.Context.Root;
    }

    // Where HasMore has found one. It is kept if it is the last; a span of it is at hand here, and costs to be made of that.
    private void TakeComponent(out ReadOnlyMemory<byte> component, out ReadOnlySpan<byte> name)
    {
        if (++components % ComponentsPerBreath == 0)
            breathe?.Invoke();
        ref Part part = ref parts[depth - 1];
        int start = part.Position;
        ReadOnlySpan<byte> rest = TextOf(part)[start..];
        int length = 1;
        while (length < rest.Length && rest[length] != (byte)'/')
            length++;
        component = part.Text.Slice(start, length);
        name = rest[..length];
        part.Position = start + length;
    }

    /// <summary>Skips slashes and finished link texts; true if a component follows.</summary>
    private bool HasMore()
    {
        bool slash = false;
        while (depth > 0)
        {
            ref Part part = ref parts[depth - 1];
            ReadOnlySpan<byte> whole = TextOf(part);
            // Mostly there is one slash, or none.
            int first = part.Position, position = first;
            while (position < whole.Length && whole[position] == (byte)'/')
                position++;
            part.Position = position;
            if (position < whole.Length)
                return true;
            slash |= position > first;
            depth--;
        }

        TrailingSlash |= slash;
        return false;
    }

    // Nearly all are the client's, for which nobody has to be asked what the memory is of.
    private ReadOnlySpan<byte> TextOf(in Part part) => part.IsOwn ? text.AsSpan(0, part.Text.Length) : part.Text.Span;

    private struct Part
    {
        public ReadOnlyMemory<byte> Text;
        public bool IsOwn;
        public int Position;
    }
}

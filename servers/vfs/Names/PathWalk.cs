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
    private readonly Rest[] rests = new Rest[LongestLinkChain];
    private OperationContext context = null!;
    private INameObserver? observer;

    // What is walked now, the client's text or a link's, and from where; what follows a link stands among the rests.
    private byte[] part = [];
    private int position, end, depth;
    private int linksFollowed;
    private int components;

    // Where the last component is.
    private byte[] lastPart = [];
    private int lastStart, lastLength;

    // Where the path began; whether it went down from directory to directory so far, which others can use; whether it need not be walked.
    private Location begin;
    private bool goesDown, isAtLast;

    /// <summary>Directory that the last component is looked up in; with <see cref="LastKind.Jump"/> the result itself.</summary>
    public Location Parent { get; private set; }

    /// <summary>Kind of the last component.</summary>
    public LastKind Kind { get; private set; }

    /// <summary>The path ends with a slash: the result must be a directory.</summary>
    public bool TrailingSlash { get; private set; }

    /// <summary>It stands in the path itself, not in a link's text.</summary>
    public bool IsLastGiven => lastPart == text;

    /// <summary>The last component, if it is a name.</summary>
    public ReadOnlySpan<byte> LastName => lastPart.AsSpan(lastStart, lastLength);

    /// <summary>Copies <paramref name="path"/> and chooses where to start. <paramref name="start"/> counts only for relative paths.
    /// <paramref name="told"/> learns of each name on the way.</summary>
    public Errno Begin(OperationContext asking, in Location start, ReadOnlySpan<byte> path, INameObserver? told = null)
    {
        if (path.IsEmpty)
            return Errno.ENOENT;
        if (path.Length > text.Length)
            return Errno.ENAMETOOLONG;
        path.CopyTo(text);
        context = asking;
        observer = told;
        if (part != text || lastPart != text)
            part = lastPart = text; // mostly it is: a look costs less than to tell the collector
        position = linksFollowed = depth = 0;
        end = path.Length;
        TrailingSlash = false;
        Location from = text[0] == (byte)'/' ? asking.Subject.Context.Root : start;
        isAtLast = TryBeginAtLast(from);
        if (isAtLast)
            return Errno.None;
        begin = Parent = from;
        return text.AsSpan(0, end).Contains((byte)0) ? Errno.EINVAL : Errno.None;
    }

    /// <summary>Walks all components but the last.</summary>
    public Errno ToLast()
    {
        if (isAtLast)
        {
            isAtLast = false;
            return Errno.None;
        }

        bool hasMore = HasMore();
        while (hasMore)
        {
            (lastPart, lastStart) = (part, position);
            ReadOnlySpan<byte> name = TakeComponent();
            Inode directory = Parent.Inode;
            if (!directory.IsDirectory)
                return Errno.ENOTDIR;
            Errno error = Permission.Check(context, directory, AccessMode.Execute);
            if (error != Errno.None)
                return error;
            if (name.Length > LongestName)
                return Errno.ENAMETOOLONG;
            if (!HasMore())
            {
                lastLength = name.Length;
                Kind = KindOf(name);
                if (goesDown)
                    RememberWay();
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
                return LookUp(LastName, out found);
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
        if (name is [(byte)'.'] or [(byte)'.', (byte)'.'])
        {
            goesDown = false;
            if (name.Length > 1)
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
        goesDown = false;
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

        error = link.Inode.ReadLink(context, out byte[] linkText);
        if (error != Errno.None)
            return error;
        if (linkText.Length == 0)
            return Errno.ENOENT;
        Enter(linkText);
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

    private void Enter(byte[] link)
    {
        // A link at the end of everything needs no return to the text before it: that keeps the stack within the number of links.
        if (position < end)
            rests[depth++] = new Rest { Text = part, Position = position, End = end };
        (part, position, end) = (link, 0, link.Length);
        if (link[0] == (byte)'/')
            Parent = context.Subject.Context.Root;
    }

    // Where HasMore has found one.
    private ReadOnlySpan<byte> TakeComponent()
    {
        if (++components % ComponentsPerBreath == 0)
            breathe?.Invoke();
        ReadOnlySpan<byte> rest = part.AsSpan(position, end - position);
        int length = 1;
        while (length < rest.Length && rest[length] != (byte)'/')
            length++;
        position += length;
        return rest[..length];
    }

    /// <summary>Skips slashes and finished link texts; true if a component follows.</summary>
    private bool HasMore()
    {
        bool slash = false;
        while (true)
        {
            // Mostly there is one slash, or none.
            ReadOnlySpan<byte> whole = part.AsSpan(0, end);
            int first = position, at = first;
            while (at < whole.Length && whole[at] == (byte)'/')
                at++;
            position = at;
            if (at < whole.Length)
                return true;
            slash |= at > first;
            if (depth == 0)
                break;
            ref Rest rest = ref rests[--depth];
            (part, position, end) = (rest.Text, rest.Position, rest.End);
        }

        TrailingSlash |= slash;
        return false;
    }

    private static LastKind KindOf(ReadOnlySpan<byte> name) =>
        name[0] != (byte)'.' || name.Length > 2 ? LastKind.Name : name.Length == 1 ? LastKind.Dot : name[1] == (byte)'.' ? LastKind.DotDot : LastKind.Name;

    // Where others have gone the same way to the last component lately. What is known of them holds: they were allowed to search the directories, too.
    private bool TryBeginAtLast(in Location from)
    {
        ReadOnlySpan<byte> whole = text.AsSpan(0, end);
        int last = whole.Length - 1;
        for (; last > 0; last--)
        {
            byte at = whole[last];
            if (at == (byte)'/' || at == 0)
                break;
        }

        int length = whole.Length - 1 - last;
        goesDown = whole[last] == (byte)'/' && last is > 0 and <= KnownDirectories.LongestText && length is > 0 and <= LongestName;
        if (!goesDown || from.Mount.FileSystem.Known.Find(context.Credentials, from, whole[..last]) is not { } known || observer?.Knows(known.End) == false)
            return false;
        Parent = known.End;
        (lastStart, lastLength, position) = (last + 1, length, end);
        Kind = KindOf(whole[(last + 1)..]);
        goesDown = false; // and is known
        return true;
    }

    // Through directories whose names and rights are in memory, and tell of each change: so nobody has to look at them again until one does.
    private void RememberWay()
    {
        KnownDirectories known = begin.Mount.FileSystem.Known;
        Location at = Parent;
        while (at.Inode.CanBePublished && at.Inode.FileSystem.Known == known)
        {
            at.Inode.IsOnKnownWay = true;
            if (at == begin)
            {
                known.Remember(context.Credentials, begin, text.AsSpan(0, lastStart - 1), Parent);
                return;
            }

            at = MountTree.Ascend(at);
            at = new Location(at.Mount, at.Dentry.Parent!);
        }
    }

    private struct Rest
    {
        public byte[] Text;
        public int Position, End;
    }
}

using Libsys.Abi;

namespace Microkernel.Image.Root;

/// <summary>Follows symbolic links inside a tree, path_resolution(7): absolute targets start at the tree's root, and ".." does not leave it.</summary>
/// <param name="find">The entry at a path without links above it, or null.</param>
internal sealed class PathResolver(Func<string, RootEntry?> find)
{
    // MAXSYMLINKS of Linux, path_resolution(7).
    private const int MostLinks = 40;

    /// <summary>The path without links; the empty path is the root.</summary>
    /// <param name="path">Without leading slash.</param>
    /// <param name="followLast">Whether a link at the end is followed too.</param>
    /// <param name="missing">Asked for a directory that is not there: true when it is there now. What is missing at the end is asked for only with
    /// <paramref name="followLast"/>.</param>
    /// <returns>Null when something is missing.</returns>
    /// <exception cref="ImageException">The links form a circle, or a part is no directory.</exception>
    public string? Resolve(string path, bool followLast, Func<string, bool> missing)
    {
        var rest = new Stack<string>(path.Split('/').Reverse());
        string at = "";
        for (int links = 0; rest.TryPop(out string? name);)
        {
            if (name is "" or ".")
                continue;
            if (name == "..")
            {
                at = at.Contains('/') ? at[..at.LastIndexOf('/')] : "";
                continue;
            }

            string next = at.Length == 0 ? name : $"{at}/{name}";
            bool isLast = rest.Count == 0;
            if (isLast && !followLast)
                return next;
            RootEntry? entry = find(next);
            if (entry is null && !missing(next))
                return null;
            if (entry?.Type == BootArchive.SymbolicLink)
            {
                if (++links > MostLinks)
                    throw new ImageException($"the links on the way to /{path} form a circle");
                if (entry.Target.StartsWith('/'))
                    at = "";
                foreach (string part in entry.Target.Split('/').Reverse())
                    rest.Push(part);
                continue;
            }

            if (entry is not null && !isLast && entry.Type != BootArchive.Directory)
                throw new ImageException($"/{path} cannot be there: /{next} is not a directory in the root file system");
            at = next;
        }

        return at;
    }
}

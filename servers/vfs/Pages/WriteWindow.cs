using Servers.Vfs.Objects;

namespace Servers.Vfs.Pages;

/// <summary>An object through which one client writes pages of a file.</summary>
/// <param name="pages">The object; page 0 is the first of the stretch.</param>
/// <param name="ended">Called when it is gone.</param>
internal sealed class WriteWindow(IMappedPages pages, Action ended) : IWriteWindow
{
    /// <summary>The object.</summary>
    public IMappedPages Pages => pages;

    /// <inheritdoc/>
    public void Destroy()
    {
        pages.Destroy();
        ended();
    }
}

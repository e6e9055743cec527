namespace Servers.Vfs.Pages;

/// <summary>The frames of the page cache: numbered pages, mapped here for good.</summary>
public interface IPageArena
{
    /// <summary>Number of slots. Slot 0 is never used.</summary>
    int Slots { get; }

    /// <summary>Bytes of a run of slots.</summary>
    Span<byte> Span(int first, int count);

    /// <summary>Gives a run of slots frames, zeroed, so that touching them cannot fail. False: no memory; some of them may have frames then.</summary>
    bool Commit(int first, int count);

    /// <summary>Gives their frames up, as far as they have any. A mapping or a device that still has one keeps it.</summary>
    void Discard(int first, int count);
}

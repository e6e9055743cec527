using System.Numerics;

namespace Servers.Vfs.Pages;

// Pages that are made before they are touched, for who goes through holes by a mapping: a message to vfs costs more than a page. Those that nobody has touched
// are given up before anybody counts or changes the file's pages, and when it turns out that they are not wanted.
public sealed partial class CachedFile
{
    // Made where a mapping begins, and made at most: a bit each in what the kernel says of them.
    private const int MadeAtFirst = 16, MadeAtOnce = 64;

    /// <summary>Pages that are not holes, without those that nobody has touched: what st_blocks counts.</summary>
    public long CountTouchedPages()
    {
        SettleAhead();
        return PageCount;
    }

    /// <summary>Gives up the pages that were made ahead and were not touched. True: there were such.</summary>
    internal bool SettleAhead() => Mapped is { AheadCount: > 0 } mapped && GiveUpAhead(mapped);

    // Who maps holes to write will touch the first of them: then it is there, with those behind it, and nobody has to ask.
    private void MakeFirst(MappedFile mapped)
    {
        long page = mapped.Front;
        if (mapped.AheadCount > 0 || page < imagePages || page >= Pages(Size) || index[page] != 0)
            return;
        int made = MakeMissing(mapped, page, isAsked: false, out int slot);
        // Best effort: what is not shared now is asked for.
        if (made > 0)
            mapped.Pages.Share(page, slot, made, isAhead: true);
    }

    // Who goes from front to back gets twice as many each time, and who leaves out some of them starts over.
    private int MakeMissing(MappedFile mapped, long page, bool isAsked, out int slot)
    {
        bool wasTouched = !SettleAhead();
        int wanted = page == mapped.NextMissing && wasTouched ? Math.Min(mapped.MadeLast * 2, MadeAtOnce) : 1;
        if (page == mapped.Front)
            wanted = MadeAtFirst;
        mapped.Front = -1;
        mapped.MadeLast = wanted;
        long end = page < mapped.End ? Math.Min(mapped.End, Pages(Size)) : Pages(Size);
        int run = page < imagePages ? 1 : index.Run(page, (int)Math.Min(wanted, end - page), out _);
        int made = Make(page, run, 0, 0, out slot), asked = isAsked ? 1 : 0;
        mapped.NextMissing = page + made;
        if (made > asked)
        {
            mapped.FirstAhead = page + asked;
            mapped.AheadCount = made - asked;
            cache.AddAhead(this);
        }

        return made;
    }

    private bool GiveUpAhead(MappedFile mapped)
    {
        int count = mapped.AheadCount;
        ForgetAhead(mapped);
        mapped.Pages.CollectDirty(mapped.FirstAhead, count, out ulong written, out _);
        bool any = false;
        for (int first = 0; first < count;)
        {
            int run = Math.Min(BitOperations.TrailingZeroCount(written >> first), count - first);
            if (run > 0)
            {
                // Some may have been written since: those stay as well.
                ulong late = mapped.Pages.Discard(mapped.FirstAhead + first, run, copies: false);
                any |= GiveUp(mapped.FirstAhead + first, run, late);
            }

            first += Math.Max(run, 1);
        }

        return any;
    }

    private bool GiveUp(long page, int count, ulong kept)
    {
        int given = kept == 0 ? count : 0;
        if (kept == 0)
            cache.Slots.Give(index[page], count, isShared: true);
        for (int number = 0; number < count; number++)
        {
            if ((kept >> number & 1) != 0)
                continue;
            if (kept != 0)
            {
                cache.Slots.Give(index[page + number], 1, isShared: true);
                given++;
            }

            index.Set(page + number, 0);
        }

        budget.Give(given);
        PageCount -= given;
        return given > 0;
    }

    // They are pages as any others, or go with the file.
    private void ForgetAhead(MappedFile mapped)
    {
        if (mapped.AheadCount > 0)
            cache.RemoveAhead(this);
        mapped.AheadCount = 0;
    }
}

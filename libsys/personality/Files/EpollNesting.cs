namespace Libsys.Personality;

/// <summary>
/// Sets within sets, epoll_ctl(2): no circles, and no deeper than Linux has them. With the lock of the descriptor table held, under which alone sets are put
/// into sets.
/// </summary>
internal static unsafe class EpollNesting
{
    /// <summary>Steps from the outermost set to the innermost ("nesting depth greater than 5", epoll_ctl(2)).</summary>
    private const int Deepest = 4;

    /// <summary>True if <paramref name="inner"/> may be put into a set: it does not lead back to that, and the whole is not too deep.</summary>
    public static bool IsAllowed(DescriptorTable* table, EpollSet* outer, EpollSet* inner)
    {
        int below = DepthBelow(table, outer, inner, Deepest);
        return below < Deepest && below + 1 + DepthAbove(table, outer, Deepest) <= Deepest;
    }

    // Steps down from a set; more than is allowed if one leads to the outer set, or there are more.
    private static int DepthBelow(DescriptorTable* table, EpollSet* outer, EpollSet* set, int most)
    {
        int depth = 0;
        PersonalityLock.Enter(&set->Lock);
        for (int i = 0; i < set->Count && depth <= most; i++)
        {
            EpollItem* item = set->Items + i;
            if ((item->Bits & DescriptorBits.Local) == 0 || !EpollList.IsThere(table, item))
                continue;
            EpollSet* next = EpollSet.At(item->Handle);
            int below = next == outer || most == 0 ? Deepest : DepthBelow(table, outer, next, most - 1);
            depth = below + 1 > depth ? below + 1 : depth;
        }
        PersonalityLock.Exit(&set->Lock);
        return depth;
    }

    // Steps up from it, through sets that are open.
    private static int DepthAbove(DescriptorTable* table, EpollSet* set, int most)
    {
        int depth = 0;
        for (int fd = 0; fd < DescriptorTable.End(table) && depth < most; fd++)
        {
            Descriptor* descriptor = DescriptorTable.At(table, fd);
            if (descriptor == null || (descriptor->Bits & DescriptorBits.Local) == 0 || !Contains(EpollSet.At(descriptor->Handle), set))
                continue;
            int above = DepthAbove(table, EpollSet.At(descriptor->Handle), most - 1);
            depth = above + 1 > depth ? above + 1 : depth;
        }
        return depth;
    }

    private static bool Contains(EpollSet* outer, EpollSet* set)
    {
        bool isFound = false;
        PersonalityLock.Enter(&outer->Lock);
        for (int i = 0; i < outer->Count && !isFound; i++)
        {
            EpollItem* item = outer->Items + i;
            isFound = (item->Bits & DescriptorBits.Local) != 0 && item->Handle == EpollSet.NumberOf(set) && item->Generation == set->Id;
        }
        PersonalityLock.Exit(&outer->Lock);
        return isFound;
    }
}

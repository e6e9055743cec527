namespace Servers.Vfs.Tests.Ext4;

/// <summary>What a disk may have after a loss of power: all that a flush has confirmed, and of what came later any part, in any order.</summary>
internal static class PowerCut
{
    private const int Sector = 512;

    /// <summary>The first events, and nothing behind them: a disk that keeps the order.</summary>
    public static byte[] Prefix(byte[] before, IReadOnlyList<DiskEvent> events, int cut)
    {
        byte[] image = [.. before];
        for (int number = 0; number < cut; number++)
            events[number].Bytes?.CopyTo(image, events[number].At);
        return image;
    }

    /// <summary>
    /// What was not confirmed may be there or not, whatever came after it, and may be there by some of its sectors only; but the file system's superblock,
    /// which is written in place, is one sector of a disk as they are made.
    /// </summary>
    public static byte[] Reordered(byte[] before, IReadOnlyList<DiskEvent> events, int cut, Random random)
    {
        int safe = 0;
        for (int number = 0; number < cut; number++)
            safe = events[number].Bytes == null ? Math.Max(safe, events[number].Covered) : safe;
        byte[] image = Prefix(before, events, safe);
        int[] late = [.. Enumerable.Range(safe, cut - safe).Where(number => events[number].Bytes != null)];
        random.Shuffle(late);
        int chance = random.Next(5);
        // Writes of the same sectors stay in order, for their owner has at most one of them under way.
        foreach (int number in late.Where(_ => random.Next(4) < chance).Order())
        {
            DiskEvent write = events[number];
            bool isTorn = random.Next(4) == 0 && write.At > 4096;
            for (int at = 0; at < write.Bytes!.Length; at += Sector)
            {
                if (!isTorn || random.Next(2) == 0)
                    write.Bytes.AsSpan(at, Sector).CopyTo(image.AsSpan(write.At + at));
            }
        }

        return image;
    }
}

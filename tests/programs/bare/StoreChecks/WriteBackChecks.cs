using Bare;
using static StoreChecks.Files;

namespace StoreChecks;

/// <summary>What mappings write reaches the disk by each of the ways that promise it, again and again, and the times change with it.</summary>
internal static class WriteBackChecks
{
    private const long Pages = 200, At = 130;

    public static void Run(long path)
    {
        long file = Open(path, Truncated);
        for (long page = 0; page < Pages; page++)
            Write(file, page * Page, 1);
        Report.Number("fsync"u8, Fsync(file));
        long time = ModifyTime(file), inode = Inode(file);
        long shared = Map(file, Pages), place = shared + At * Page;
        Store(place, 2);
        Sleep(10);
        Report.Number("stored, and on the disk"u8, Disk.Word(inode, At));
        Report.Number("msync of another page"u8, Msync(shared, 1));
        Report.Number("on the disk"u8, Disk.Word(inode, At));
        long later = ModifyTime(file);
        Report.Number("the time has changed"u8, later > time ? 1 : 0);
        Report.Number("msync of nothing new"u8, Msync(shared, Pages));
        long same = ModifyTime(file);
        Report.Number("the time has changed"u8, same > later ? 1 : 0);

        Store(place, 3);
        Report.Number("msync"u8, Msync(place, 1));
        Report.Number("on the disk"u8, Disk.Word(inode, At));
        Store(place, 4);
        Report.Number("fsync"u8, Fsync(file));
        Report.Number("on the disk"u8, Disk.Word(inode, At));
        Store(place, 5);
        Sync();
        Report.Number("sync, and on the disk"u8, Disk.Word(inode, At));
        Close(file);
        Store(place, 6);
        Report.Number("msync after close"u8, Msync(place, 1));
        Report.Number("on the disk"u8, Disk.Word(inode, At));
        long moved = Remap(shared, Pages);
        Store(moved + At * Page, 7);
        Report.Number("msync of what was moved"u8, Msync(moved, 1));
        Report.Number("on the disk"u8, Disk.Word(inode, At));
        long child = Files.Fork();
        if (child == 0)
        {
            Store(moved + At * Page, 8);
            Linux.Exit((int)Msync(moved, 1));
        }

        Report.Number("msync by a child"u8, Wait(child));
        Report.Number("on the disk"u8, Disk.Word(inode, At));
        Store(moved + At * Page, 9);
        Disk.Say("evict"u8);
        Disk.Say("evict"u8);
        Report.Number("taken from the mapping, and still"u8, Load(moved + At * Page));
        Store(moved + At * Page, 10);
        Unmap(moved, Pages);
        Sync();
        Report.Number("unmapped, sync, and on the disk"u8, Disk.Word(inode, At));
    }

    public static void Age(long path)
    {
        const int longest = 180;
        long file = Open(path, Truncated);
        Write(file, 0, 1);
        Fsync(file);
        long inode = Inode(file);
        long shared = Map(file, 1);
        Store(shared, 2);
        Sleep(2000);
        Report.Number("young, and on the disk"u8, Disk.Word(inode, 0));
        int seconds = 0;
        while (Disk.Word(inode, 0) == 1 && seconds++ < longest)
            Sleep(1000);
        Report.Number("old, and on the disk"u8, Disk.Word(inode, 0));
    }
}

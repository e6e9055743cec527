using Bare;
using static StoreChecks.Files;

namespace StoreChecks;

/// <summary>A disk that fails: who is told, and how often.</summary>
internal static class ErrorChecks
{
    private const long Pages = 100, Bad = 70;

    public static void Run(long path)
    {
        long file = Open(path, Truncated);
        for (long page = 0; page < Pages; page++)
            Write(file, page * Page, page + 1);
        Fsync(file);
        long inode = Inode(file);
        Writes(path, file, inode);
        Reads(file, inode);
    }

    private static void Writes(long path, long file, long inode)
    {
        long other = Open(path, Existing), shared = Map(file, Pages), closed = Open(path, Existing), late = Map(closed, Pages);
        Close(closed);
        Disk.SetUnwritable(inode, Bad);
        Store(shared + Bad * Page, Bad + 1);
        Report.Number("msync"u8, Msync(shared, Pages));
        Report.Number("again"u8, Msync(shared, Pages));
        Report.Number("fsync by its description"u8, Fsync(file));
        Report.Number("fsync by another"u8, Fsync(other));
        Report.Number("again"u8, Fsync(other));
        Report.Number("msync, its description is closed"u8, Msync(late, 1));
        Report.Number("again"u8, Msync(late, 1));
        long child = Files.Fork();
        if (child == 0)
        {
            Store(shared + Bad * Page, Bad + 1);
            Linux.Exit((int)-Msync(shared, Pages));
        }

        Report.Number("msync by a child"u8, Wait(child) >> 8);
        Report.Number("and by its parent"u8, Msync(shared, Pages));
        long opened = Open(path, Existing);
        Report.Number("opened later, and told"u8, Fsync(opened));
        Disk.Say("good"u8);
        Store(shared + Bad * Page, Bad + 1);
        Report.Number("good again"u8, Msync(shared, Pages));
        Report.Number("fsync by another"u8, Fsync(other));
        Report.Number("on the disk"u8, Disk.Word(inode, Bad));
        Unmap(shared, Pages);
        Unmap(late, Pages);
    }

    private static void Reads(long file, long inode)
    {
        long shared = Map(file, Pages);
        Disk.Say("evict"u8);
        Disk.SetUnreadable(inode, Bad);
        Report.Number("read"u8, Read(file, Bad * Page));
        Report.Number("load"u8, Try(shared + Bad * Page));
        Report.Number("store"u8, Try(shared + Bad * Page, store: true));
        Report.Number("write of a part"u8, Write(file, Bad * Page, 1));
        Disk.Say("good"u8);
        Report.Number("load, good again"u8, Load(shared + Bad * Page));
        Report.Number("read"u8, Read(file, Bad * Page));
        Disk.Say("evict"u8);
        Disk.SetUnreadable(inode, Bad);
        Report.Number("read into a mapping that fails"u8, Linux.Call(17, file, shared + Bad * Page, 8, 0));
        Disk.Say("good"u8);
        Report.Number("load"u8, Load(shared + Bad * Page));
    }
}

using System;
using Bare;
using ConnectionChecks;
using Hostile;
using Libsys.Abi;
using Libsys.Messages;

namespace FileChecks;

/// <summary>What a program may do with what it was lent to write, and what it may not. Each attack is a child, as nobody.</summary>
internal static class WriteAttacks
{
    private const ulong Self = WellKnownHandle.Self;
    private const int Often = 600, Nobody = 65534, Rounds = 3000, Length = 3 * Files.Page + 100;

    // Beside everything that attackers map.
    private const ulong Elsewhere = 0x3000_0000_0000;

    private static long memory;

    public static void Run(long bytes)
    {
        memory = bytes;
        Attack("lends itself what it may only read"u8, 0);
        Attack("scribbles while it writes"u8, 1);
        Attack("keeps the window while another writes"u8, 2);
        Attack("keeps it elsewhere when the file is cut"u8, 3);
        Attack("keeps it when it is closed"u8, 4);
        Attack("makes it executable"u8, 5);
        Attack("writes behind the end"u8, 6);
        Files.Remove("/tmp/own\0"u8);
    }

    private static void Attack(ReadOnlySpan<byte> name, int kind)
    {
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Become(Nobody);
            Linux.Exit(Begin(kind));
        }

        Report.Number(name, Sys.Wait(child));
    }

    private static int Begin(int kind)
    {
        if (kind == 0)
            return LendItself();
        int own = Files.Open("/tmp/own\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        Files.Write(own, memory, Length);
        for (int count = 0; count < Often; count++)
            Files.WriteAt(own, memory, 100, 0);
        ulong place = Place();
        if (place == 0)
            return 99;
        Gate.Word(place + 8) = 1; // it is lent
        switch (kind)
        {
            case 1: return Scribble(own);
            case 2: return KeepBeside(place);
            case 3:
                Gate.Call(KernelCall.SpaceMove, Self, place, FileSlots.Stretch, Elsewhere);
                Gate.Word(Elsewhere + 8) = 1;
                Files.Truncated(own, Files.Page);
                Gate.Word(Elsewhere + 8) = 1;
                return 1;
            case 4:
                // Without the personality, which would unmap it.
                Gate.Call(KernelCall.SpaceMove, Self, place, FileSlots.Stretch, Elsewhere);
                Sys.Close(own);
                Gate.Word(Elsewhere + 8) = 1;
                return 1;
            case 5:
                return Gate.Call(KernelCall.SpaceProtect, Self, place, Files.Page, (ulong)(MapFlags.Read | MapFlags.Execute)) < 0 ? 0 : 1;
            default:
                Gate.Word(place + 3 * Files.Page + 200) = ulong.MaxValue;
                Files.Truncated(own, 4 * Files.Page);
                Files.Fill(memory, Files.Page, 7);
                Files.ReadAt(own, memory, Files.Page - 100, Length);
                return Files.Leading(memory, Files.Page - 100, 0) == Files.Page - 100 ? 0 : 1;
        }
    }

    // Words that say that a file which may only be read can be written.
    private static int LendItself()
    {
        int file = Files.Open("/tmp/secret\0"u8, Files.ReadOnly);
        for (int count = 0; count < 40; count++)
            Files.ReadAt(file, memory, 100, 0);
        int wrong = 0;
        for (uint lease = 1; lease < 50; lease++)
        {
            for (uint slot = 0; slot < FileSlots.Count; slot++)
            {
                ulong at = Window.FileArea + slot * FileSlots.Length;
                Gate.Half(at + FileSlots.Lease) = lease;
                Gate.Word(at + FileSlots.LeaseSize) = 1 << 20;
            }

            wrong += Files.WriteAt(file, memory, 10, lease * 10) == -9 ? 0 : 1;
        }

        return wrong == 0 ? 0 : 1;
    }

    private static int Scribble(int own)
    {
        var chance = new Chance(7);
        for (int round = 0; round < Rounds; round++)
        {
            Gate.Word(Window.FileArea + chance.Below(FileSlots.Length / 8) * 8) = chance.Below(3) == 0 ? ulong.MaxValue : chance.Next();
            Files.WriteAt(own, memory, 100, (long)(chance.Next() >> 50));
            Files.Write(own, memory, 100);
            Files.Fstat(own, memory);
            if (round % 100 == 0)
                Files.Truncated(own, Length);
        }

        return 0;
    }

    // Whoever writes gets the file for himself.
    private static int KeepBeside(ulong place)
    {
        int child = Sys.Fork();
        if (child == 0)
        {
            int other = Files.Open("/tmp/own\0"u8, Files.ReadWrite);
            Linux.Exit(Files.WriteAt(other, memory, 1, 0) == 1 ? 0 : 1);
        }

        if (Sys.Wait(child) != 0)
            return 98;
        Gate.Word(place + 8) = 1;
        return 1;
    }

    // Where the window has something that can be written.
    private static ulong Place()
    {
        for (uint slot = 0; slot < FileSlots.Count; slot++)
        {
            ulong place = Window.FileWrites + slot * FileSlots.Stretch;
            if ((ulong)Gate.Call(KernelCall.SpaceQuery, Self, place) == place)
                return place;
        }

        return 0;
    }
}

using System;
using Bare;
using ConnectionChecks;
using Hostile;
using Libsys.Abi;
using Libsys.Messages;

namespace FileChecks;

/// <summary>What a program may map again of what it maps, and what not. Each attack is a child, as nobody, who may only read the file.</summary>
internal static class MapAttacks
{
    private const ulong Self = WellKnownHandle.Self, Read = (ulong)MapFlags.Read, Write = (ulong)MapFlags.Write, Shared = (ulong)MapFlags.Shared;
    private const int Often = 40, Nobody = 65534, Rounds = 3000;

    // Beside everything that attackers map.
    private const ulong Elsewhere = 0x3000_0000_0000, There = Elsewhere + 0x100_0000;

    private static long memory;

    public static void Run(long bytes)
    {
        memory = bytes;
        Attack("maps again what it may only read there"u8, 0);
        Attack("writes what it maps again"u8, 1);
        Attack("makes that writable"u8, 2);
        Attack("copies it and writes"u8, 3);
        Attack("keeps that when the file is cut"u8, 4);
        Attack("maps again what it writes"u8, 5);
        Attack("maps again all else"u8, 6);
        Attack("maps and scribbles"u8, 7);
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
        int file = Files.Open("/tmp/secret\0"u8, Files.ReadOnly);
        for (int count = 0; count < Often; count++)
        {
            if (kind == 0)
                Files.ReadAt(file, memory, 100, 0);
            else
                Files.Unmap(Files.MapFile(file, 0, Files.Page, 1, 1), Files.Page);
        }

        ulong place = Place(Window.FileContents);
        if (place == 0)
            return 99;
        bool isThere = Again(place, Shared | Read, Files.Page) == 0;
        switch (kind)
        {
            case 0: return isThere || Again(place, Read, Files.Page) == 0 ? 1 : 0;
            case 1:
                if (!isThere || Again(place, Shared | Read | Write, Files.Page, There) == 0)
                    return 1;
                Gate.Word(Elsewhere) = 1;
                return 2;
            case 2:
                bool isDenied = isThere && Denied(Elsewhere) && Denied(place);
                return isDenied && Gate.Call(KernelCall.SpaceMove, Self, Elsewhere, Files.Page, There) == 0 && Denied(There) ? 0 : 1;
            case 3:
                if (!isThere || Again(place, Read | Write, Files.Page, There) != 0)
                    return 1;
                Gate.Word(There) = 1;
                return (Gate.Word(Elsewhere) & 0xFF) == 77 && Files.ReadAt(file, memory, 8, 0) == 8 && Linux.MemoryAt(memory) == 77 ? 0 : 1;
            case 4: return Keep();
            case 5: return Written();
            case 6: return AllElse(place);
            default: return Scribble(file);
        }
    }

    private static long Again(ulong from, ulong flags, ulong length, ulong to = Elsewhere) =>
        Gate.Call(KernelCall.SpaceRepeat, Self, to, length, flags, from);

    private static bool Denied(ulong address) => Gate.Call(KernelCall.SpaceProtect, Self, address, Files.Page, Read | Write) < 0;

    private static ulong Place(ulong window, uint first = 0)
    {
        for (uint slot = first; slot < FileSlots.Count; slot++)
        {
            ulong place = window + slot * FileSlots.Stretch;
            if ((ulong)Gate.Call(KernelCall.SpaceQuery, Self, place) == place)
                return place;
        }

        return 0;
    }

    private static int Keep()
    {
        int own = Files.Open("/tmp/cut\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        Files.Write(own, memory, 3 * Files.Page);
        for (int count = 0; count < Often; count++)
            Files.Unmap(Files.MapFile(own, 0, Files.Page, 1, 1), Files.Page);
        ulong place = Place(Window.FileContents, 1);
        if (place == 0 || Again(place, Shared | Read, 3 * Files.Page, There) != 0)
            return 99;
        Files.Truncated(own, Files.Page);
        Files.Remove("/tmp/cut\0"u8);
        return (int)(Gate.Word(There + Files.Page) & 0x7F) + 1;
    }

    // A loan ends, and would not end what was made of it.
    private static int Written()
    {
        int own = Files.Open("/tmp/lent\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        Files.Write(own, memory, 3 * Files.Page);
        for (int count = 0; count < 600; count++)
            Files.WriteAt(own, memory, 100, 0);
        Files.Remove("/tmp/lent\0"u8);
        ulong place = Place(Window.FileWrites);
        return place == 0 ? 99 : Again(place, Shared | Read | Write, Files.Page, There) < 0 && Again(place, Read, Files.Page, There) < 0 ? 0 : 1;
    }

    // Its own memory, what the kernel and servers show, more than there is, and over something.
    private static int AllElse(ulong place)
    {
        int wrong = 0;
        foreach (ulong from in (ReadOnlySpan<ulong>)[(ulong)memory, Window.FileArea, Window.VfsConnection, Window.Vdso, Window.ThreadBlocks, Elsewhere])
            wrong += Again(from, Shared | Read, Files.Page, There) < 0 ? 0 : 1;
        wrong += Again(place + FileSlots.Stretch - Files.Page, Shared | Read, 2 * Files.Page, There) < 0 ? 0 : 1;
        wrong += Again(place + 8, Shared | Read, Files.Page, There) < 0 ? 0 : 1;
        wrong += Again(place, Shared | Read, Files.Page, (ulong)memory) < 0 ? 0 : 1;
        wrong += Again(place, Shared | Read | (ulong)MapFlags.Replace, Files.Page, (ulong)memory) < 0 ? 0 : 1;
        wrong += Again(place, Shared | Read | (ulong)MapFlags.MayRepeat, Files.Page, There) < 0 ? 0 : 1;
        return wrong;
    }

    // Any values in all words, while the personality maps by them.
    private static int Scribble(int file)
    {
        var chance = new Chance(11);
        int wrong = 0;
        for (int round = 0; round < Rounds; round++)
        {
            Gate.Word(Window.FileArea + chance.Below(FileSlots.Length / 8) * 8) = chance.Below(3) == 0 ? ulong.MaxValue : chance.Next();
            Gate.Word(Window.FileArea + FileSlots.Own) = (ulong)chance.Below(3) << 32; // its own place: any state but that of waiting
            long map = Files.MapFile(file, chance.Below(4) * Files.Page, Files.Page, 1, 1);
            wrong += map < 0 || (Linux.MemoryAt(map) == 77 && Denied((ulong)map)) ? 0 : 1;
            if (map >= 0)
                Files.Unmap(map, Files.Page);
        }

        return wrong == 0 ? 0 : 1;
    }
}

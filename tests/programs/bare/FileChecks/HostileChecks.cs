using Bare;
using ConnectionChecks;
using Hostile;
using Libsys.Abi;
using Libsys.Messages;

namespace FileChecks;

/// <summary>What a program may do with what it sees of its files, and what it may not. Each attack is a child, as nobody.</summary>
internal static class HostileChecks
{
    private const ulong Self = WellKnownHandle.Self, Writing = (ulong)(MapFlags.Read | MapFlags.Write);
    private const int Often = 40, Nobody = 65534, Length = 5 * Files.Page, Rounds = 3000;

    // Beside everything that attackers map.
    private const ulong Elsewhere = 0x3000_0000_0000;

    private static long memory;
    private static int shared;

    public static int Run()
    {
        memory = Files.Map(Length);
        Files.Fill(memory, Length, 77);
        int secret = Files.Open("/tmp/secret\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        Files.Write(secret, memory, Length);
        shared = Files.Open("/tmp/shared\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        Files.Write(shared, memory, Length);
        Attack("scribbles"u8, 0);
        Attack("scribbles while others use it"u8, 1);
        Attack("writes through what it reads"u8, 2);
        Attack("makes it writable"u8, 3);
        Attack("moves it and makes it writable"u8, 4);
        Attack("keeps it when the file is cut"u8, 5);
        Attack("unmaps under its own feet"u8, 6);
        WriteAttacks.Run(memory);
        MapAttacks.Run(memory);
        Report.Number("unchanged"u8, Files.ReadAt(secret, memory, Length, 0));
        Report.Number("unchanged"u8, Files.Leading(memory, Length, 77));
        Report.Number("shared offset"u8, Files.Seek(shared, 1, 0));
        return 0;
    }

    private static void Attack(System.ReadOnlySpan<byte> name, int kind)
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
            Files.ReadAt(file, memory, 100, 0);
        ulong place = Place();
        if (place == 0)
            return 99;
        switch (kind)
        {
            case 0: return Scribble(file);
            case 1: return ScribbleBeside();
            case 2:
                Gate.Word(place) = 1;
                return 1;
            case 3:
                bool isMine = Gate.Call(KernelCall.SpaceProtect, Self, place, Files.Page, (ulong)MapFlags.Read) == 0;
                return isMine && Gate.Call(KernelCall.SpaceProtect, Self, place, Files.Page, Writing) < 0 && Files.Write(file, memory, 1) < 0 ? 0 : 1;
            case 4:
                Gate.Call(KernelCall.SpaceMove, Self, place, FileSlots.Stretch, Elsewhere);
                return Gate.Call(KernelCall.SpaceProtect, Self, Elsewhere, Files.Page, Writing) < 0 ? 0 : 1;
            case 5: return Keep();
            default:
                Gate.Call(KernelCall.SpaceUnmap, Self, place, FileSlots.Stretch);
                return Files.ReadAt(file, memory, 100, 0) == 100 && Files.Leading(memory, 100, 77) == 100 ? 0 : 1;
        }
    }

    // Where the window shows the secret.
    private static ulong Place()
    {
        for (uint slot = 0; slot < FileSlots.Count; slot++)
        {
            ulong place = Window.FileContents + slot * FileSlots.Stretch;
            if ((ulong)Gate.Call(KernelCall.SpaceQuery, Self, place) == place)
                return place;
        }

        return 0;
    }

    // Any values in all words, and all calls on the file: answers of whatever kind.
    private static int Scribble(int file)
    {
        var chance = new Chance(5);
        for (int round = 0; round < Rounds; round++)
        {
            ulong word = Window.FileArea + chance.Below(FileSlots.Length / 8) * 8;
            Gate.Word(word) = chance.Below(3) == 0 ? ulong.MaxValue : chance.Next();
            Gate.Word(Window.FileArea + FileSlots.Own + 4) = 0; // but for the state of its own place: that would only be waiting
            Files.Seek(file, (long)chance.Next() >> 30, (int)chance.Below(3));
            Files.Read(file, memory, 100);
            Files.ReadAt(file, memory, 100, (long)(chance.Next() >> 40));
            Files.Fstat(file, memory);
        }

        return Files.Write(file, memory, 1) == -9 ? 0 : 1;
    }

    // Parent and child share a description; what the child does to its own words does not move the parent's bytes.
    private static int ScribbleBeside()
    {
        int child = Sys.Fork();
        if (child == 0)
        {
            for (int count = 0; count < Often; count++)
                Files.ReadAt(shared, memory, 100, 0);
            var chance = new Chance(9);
            while (true)
                Gate.Word(Window.FileArea + chance.Below(FileSlots.AreaLength / 8) * 8) = chance.Next();
        }

        int wrong = 0;
        int own = Files.Open("/tmp/secret\0"u8, Files.ReadOnly);
        for (int round = 0; round < Rounds; round++)
        {
            Files.Seek(own, round % Length, 0);
            wrong += Files.Read(own, memory, 10) == System.Math.Min(10, Length - round % Length) && Linux.MemoryAt(memory) == 77 ? 0 : 1;
            wrong += Files.Seek(shared, round, 0) == round && Files.Seek(shared, 1, 1) == round + 1 ? 0 : 1;
        }

        Sys.Kill(child);
        Sys.Wait(child);
        return wrong == 0 ? 0 : 1;
    }

    // The mapping outlives nothing: where the file was cut there is a fault, and no old byte.
    private static int Keep()
    {
        int other = shared;
        for (int count = 0; count < Often; count++)
            Files.ReadAt(other, memory, 100, 0);
        ulong place = 0;
        for (uint slot = 1; slot < FileSlots.Count && place == 0; slot++)
        {
            ulong candidate = Window.FileContents + slot * FileSlots.Stretch;
            place = (ulong)Gate.Call(KernelCall.SpaceQuery, Self, candidate) == candidate ? candidate : 0;
        }

        if (place == 0)
            return 98;
        Files.Truncated(other, Files.Page);
        int child = Sys.Fork();
        if (child == 0)
            Linux.Exit(0);
        Sys.Wait(child);
        Linux.Exit((int)(Gate.Word(place + Files.Page) & 0xFF) == 77 ? 1 : 2);
        return 0;
    }
}

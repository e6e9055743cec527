using System;
using System.Runtime.InteropServices;
using Bare;

namespace NameChecks;

/// <summary>What a program finds in the memory that it may read: what is public, and nothing that is not; and it cannot write it.</summary>
internal static class SecretChecks
{
    // Where this system has it, and its length; on Linux nothing is there.
    private const long PublishedNames = 0x7FFF_B242_8000;
    private const int Length = 4096 + 2048 * 256 + 4096 * 80;

    public static void Run()
    {
        Sys.Path(Sys.MakeDirectory, "/tmp/s"u8, 0x1ED);
        Sys.Path(Sys.MakeDirectory, "/tmp/s/private"u8, 0x1C0);
        Sys.Append("/tmp/s/private/hidden-file"u8, 1);
        Sys.Two(Sys.SymbolicLink, "hidden-text"u8, "/tmp/s/private/hidden-link"u8);
        Sys.Path(Sys.MakeDirectory, "/tmp/s/closes"u8, 0x1ED);
        Sys.Append("/tmp/s/closes/shown-file"u8, 1);
        Sys.Path(Sys.MakeDirectory, "/tmp/s/moves"u8, 0x1ED);
        Sys.Append("/tmp/s/moves/shown-file"u8, 1);
        Sys.Append("/tmp/s/goes-shown"u8, 1);
        Sys.Append("/tmp/s/stays-public"u8, 1);
        Look();
        User("public"u8, "stays-public"u8);
        User("shown"u8, "shown-file"u8);
        User("hidden"u8, "hidden"u8);
        Sys.Path(Sys.ChangeMode, "/tmp/s/closes"u8, 0x1C0);
        Sys.Two(Sys.Rename, "/tmp/s/moves"u8, "/tmp/s/private/moves"u8);
        Sys.Path(Sys.Unlink, "/tmp/s/goes-shown"u8);
        User("closed, moved and removed"u8, "shown"u8);
        Look();
        User("looked at by root"u8, "shown-file"u8);
        User("hidden"u8, "hidden"u8);
        User("public"u8, "stays-public"u8);
        if (Sys.Child() == 0)
        {
            LookAsUser();
            Linux.MemoryAt(PublishedNames + 4096) = 1;
            Linux.Exit(0);
        }

        Report.Number("written"u8, Sys.Wait());
        if (Sys.Child() == 0)
        {
            LookAsUser();
            Linux.Exit(Linux.Call(10, PublishedNames, 4096, 3) == 0 ? 1 : 0);
        }

        Report.Number("mprotect"u8, Sys.Wait());
    }

    private static void Look()
    {
        for (int round = 0; round < 4; round++)
        {
            Sys.Look(Sys.Stat, "/tmp/s/private/hidden-file"u8, out _, out _);
            Sys.Look(Sys.LinkStat, "/tmp/s/private/hidden-link"u8, out _, out _);
            Sys.Look(Sys.Stat, "/tmp/s/private/hidden-none"u8, out _, out _);
            Sys.Look(Sys.Stat, "/tmp/s/closes/shown-file"u8, out _, out _);
            Sys.Look(Sys.Stat, "/tmp/s/moves/shown-file"u8, out _, out _);
            Sys.Look(Sys.Stat, "/tmp/s/private/moves/shown-file"u8, out _, out _);
            Sys.Look(Sys.Stat, "/tmp/s/goes-shown"u8, out _, out _);
            Sys.Look(Sys.Stat, "/tmp/s/stays-public"u8, out _, out _);
        }
    }

    private static void LookAsUser()
    {
        Linux.Call(Sys.SetUser, 1000);
        for (int round = 0; round < 4; round++)
            Sys.Look(Sys.Stat, "/tmp/s"u8, out _, out _);
    }

    private static bool IsThere(ReadOnlySpan<byte> wanted)
    {
        for (int at = 0; at < Length - wanted.Length; at++)
        {
            int same = 0;
            while (same < wanted.Length && Linux.MemoryAt(PublishedNames + at + same) == wanted[same])
                same++;
            if (same == wanted.Length)
                return true;
        }

        return false;
    }

    private static void User(ReadOnlySpan<byte> name, ReadOnlySpan<byte> wanted)
    {
        if (Sys.Child() == 0)
        {
            LookAsUser();
            Linux.Exit(IsThere(wanted) ? 1 : 0);
        }

        Report.Number(name, Sys.Wait() >> 8);
    }
}

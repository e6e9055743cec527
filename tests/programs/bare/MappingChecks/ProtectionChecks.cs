using System;
using Bare;

namespace MappingChecks;

/// <summary>Which protections a mapping can have and can be given later: by how the file was opened, and by the flags of its mount.</summary>
internal static class ProtectionChecks
{
    private const long Length = 3 * Sys.Page;

    public static void Run()
    {
        All("read-only"u8, Sys.Open("/etc/passwd\0"u8, Sys.ReadOnly));
        All("path"u8, Sys.Open("/etc/passwd\0"u8, Sys.PathOnly));
        All("read-write"u8, Sys.Open("/w/file\0"u8, Sys.ReadWrite));
        All("write-only"u8, Sys.Open("/w/file\0"u8, Sys.WriteOnly));
        All("noexec read-only"u8, Sys.Open("/x/file\0"u8, Sys.ReadOnly));
        All("noexec read-write"u8, Sys.Open("/x/file\0"u8, Sys.ReadWrite));
        All("ro mount read-write"u8, Sys.Open("/r/file\0"u8, Sys.ReadWrite));
        All("ro mount"u8, Sys.Open("/r/file\0"u8, Sys.ReadOnly));
        All("directory"u8, Sys.Open("/etc\0"u8, Sys.ReadOnly));
        Inherited();
    }

    private static void All(ReadOnlySpan<byte> name, int descriptor)
    {
        Report.Number(name, descriptor < 0 ? descriptor : 0);
        if (descriptor < 0)
            return;
        for (int protection = Sys.None; protection <= (Sys.Read | Sys.Write | Sys.Execute); protection++)
        {
            Later("shared, then"u8, descriptor, Sys.Shared, protection);
            Later("private, then"u8, descriptor, Sys.Private, protection);
        }

        Sys.Close(descriptor);
    }

    private static void Later(ReadOnlySpan<byte> name, int descriptor, int type, int first)
    {
        // Shared memory is never writable and executable at once on the microkernel, whatever the file: see docs/kernel-calls.md.
        const int both = Sys.Write | Sys.Execute;
        if (type == Sys.Shared && (first & both) == both)
            return;
        long address = Sys.Map(0, Sys.Page, first, type, descriptor);
        Report.Number("map"u8, address < 0 ? address : first);
        if (address < 0)
            return;
        for (int protection = Sys.None; protection <= (Sys.Read | Sys.Write | Sys.Execute); protection++)
        {
            if (type == Sys.Shared && (protection & both) == both)
                continue;
            long result = Sys.Protect(address, Sys.Page, protection);
            Report.Number(name, result);
            if (result == 0 && (protection & Sys.Write) != 0)
                Report.Number("store"u8, Sys.Poke(address, (byte)'#'));
        }

        Sys.Unmap(address, Sys.Page);
    }

    // The limit goes with the mapping: over a fork, a move, a split; and nothing with more of a right joins it.
    private static void Inherited()
    {
        int descriptor = Sys.Open("/x/file\0"u8, Sys.ReadOnly);
        int writable = Sys.Open("/x/file\0"u8, Sys.ReadWrite);
        long address = Sys.Map(0, Length, Sys.Read, Sys.Shared, descriptor);
        Sys.Close(descriptor);
        Report.Number("after close"u8, Sys.Protect(address, Length, Sys.Read | Sys.Write));
        int child = Sys.Fork();
        if (child == 0)
        {
            Report.Number("child"u8, Sys.Protect(address, Length, Sys.Read | Sys.Write));
            Report.Number("child executes"u8, Sys.Protect(address, Length, Sys.Read | Sys.Execute));
            Linux.Exit(0);
        }

        Sys.Wait(child);
        long place = Sys.Map(0, 2 * Length, Sys.None, Sys.Private | Sys.Anonymous, -1);
        Report.Number("moved"u8, Sys.Move(address, Length, place) == place ? 1 : 0);
        Report.Number("writes"u8, Sys.Protect(place, Length, Sys.Read | Sys.Write));
        Report.Number("one page"u8, Sys.Protect(place + Sys.Page, Sys.Page, Sys.None));
        Report.Number("writes a page"u8, Sys.Protect(place + Sys.Page, Sys.Page, Sys.Read | Sys.Write));
        Report.Number("reads it again"u8, Sys.Protect(place + Sys.Page, Sys.Page, Sys.Read));
        Report.Number("neighbour"u8, Sys.Map(place + Length, Length, Sys.Read, Sys.Shared | Sys.Fixed, writable, Length) == place + Length ? 1 : 0);
        Report.Number("over both"u8, Sys.Protect(place, 2 * Length, Sys.Read | Sys.Write));
        Report.Number("neighbour writes"u8, Sys.Protect(place + Length, Length, Sys.Read | Sys.Write));
        Report.Number("still not"u8, Sys.Protect(place, Length, Sys.Read | Sys.Write));
        Sys.Close(writable);
    }
}

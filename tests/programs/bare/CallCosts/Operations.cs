using System;
using Bare;

namespace CallCosts;

/// <summary>What is measured.</summary>
internal enum Operation
{
    ParentId, ReadZero, WriteNull, ReadPage, WritePage, Stat, Fstat, OpenAndClose, CreateAndRemove, ThroughPipe, MapAnonymous, MapFile,
    WritePrivate, MapLarge, FillNew, ReadHoles, Fork, Execute,
    ThroughCounter, PollCounter, EpollCounter,
}

/// <summary>The operations, and the files that they work on.</summary>
internal readonly struct Operations
{
    private const int PageLength = 4096, MappedLength = 16 * PageLength, LargeLength = 256 * PageLength;
    private const long ReadOnly = 0, WriteOnly = 1, ReadWrite = 2, CreateNew = 0x40;
    private const long ProtectRead = 1, ProtectReadWrite = 3, MapShared = 1, MapPrivate = 2, MapAnonymous = 0x22;

    private readonly ulong arguments;
    private readonly long page, zero, nothing, file, large;
    private readonly int read, write;

    /// <summary>Opens the files.</summary>
    /// <param name="arguments">Of what is executed, with the null at their end.</param>
    public Operations(ulong arguments)
    {
        this.arguments = arguments;
        page = Calls.Map(PageLength, ProtectReadWrite, MapAnonymous, -1);
        zero = Calls.OpenFile("/dev/zero\0"u8, ReadOnly);
        nothing = Calls.OpenFile("/dev/null\0"u8, WriteOnly);
        file = Calls.OpenFile("/tmp/file\0"u8, ReadWrite | CreateNew);
        for (int at = 0; at < MappedLength; at += PageLength)
            Calls.WriteAt(file, page, PageLength, at);
        large = Calls.OpenFile("/tmp/large\0"u8, ReadWrite | CreateNew);
        for (int at = 0; at < LargeLength; at += PageLength)
            Calls.WriteAt(large, page, PageLength, at);
        Calls.Pipe(out read, out write);
    }

    /// <summary>One of them, once.</summary>
    public void Do(Operation operation)
    {
        switch (operation)
        {
            case Operation.ParentId: Calls.ParentId(); break;
            case Operation.ReadZero: Calls.Read(zero, page, 1); break;
            case Operation.WriteNull: Calls.Write(nothing, page, 1); break;
            case Operation.ReadPage: Calls.ReadAt(file, page, PageLength, 0); break;
            case Operation.WritePage: Calls.WriteAt(file, page, PageLength, 0); break;
            case Operation.Stat: Calls.Stat("/tmp/file\0"u8, page); break;
            case Operation.Fstat: Calls.Fstat(file, page); break;
            case Operation.OpenAndClose: Calls.Close(Calls.OpenFile("/tmp/file\0"u8, ReadOnly)); break;
            case Operation.CreateAndRemove: CreateAndRemove(); break;
            case Operation.ThroughPipe: Calls.Write(write, page, 1); Calls.Read(read, page, 1); break;
            case Operation.MapAnonymous: MapAndTouch(MappedLength, ProtectReadWrite, MapAnonymous, -1); break;
            case Operation.MapFile: MapAndTouch(MappedLength, ProtectRead, MapShared, file); break;
            case Operation.WritePrivate: MapAndFill(MapPrivate, file); break;
            case Operation.MapLarge: MapAndTouch(LargeLength, ProtectRead, MapShared, large); break;
            case Operation.FillNew: NewFile(fills: true); break;
            case Operation.ReadHoles: NewFile(fills: false); break;
            case Operation.ThroughCounter: Calls.ThroughCounter(page); break;
            case Operation.PollCounter: Calls.PollCounter(); break;
            case Operation.EpollCounter: Calls.EpollCounter(page); break;
            case Operation.Fork: Child(executes: false); break;
            case Operation.Execute: Child(executes: true); break;
        }
    }

    private void CreateAndRemove()
    {
        long made = Calls.OpenFile("/tmp/new\0"u8, ReadWrite | CreateNew);
        Calls.WriteAt(made, page, PageLength, 0);
        Calls.Close(made);
        Calls.Unlink("/tmp/new\0"u8);
    }

    private static void MapAndTouch(long length, long protection, long flags, long file)
    {
        long address = Calls.Map(length, protection, flags, file);
        for (long at = address; at < address + length; at += PageLength)
            Calls.Touch(at);
        Calls.Unmap(address, length);
    }

    private static void MapAndFill(long flags, long file)
    {
        long address = Calls.Map(MappedLength, ProtectReadWrite, flags, file);
        for (long at = address; at < address + MappedLength; at += PageLength)
            Calls.Fill(at);
        Calls.Unmap(address, MappedLength);
    }

    // A file of holes, touched through a mapping from front to back.
    private static void NewFile(bool fills)
    {
        long made = Calls.OpenFile("/tmp/new\0"u8, ReadWrite | CreateNew);
        Calls.Truncate(made, MappedLength);
        if (fills)
            MapAndFill(MapShared, made);
        else
            MapAndTouch(MappedLength, ProtectRead, MapShared, made);
        Calls.Close(made);
        Calls.Unlink("/tmp/new\0"u8);
    }

    private void Child(bool executes)
    {
        long pid = Calls.Fork();
        if (pid == 0)
        {
            if (executes)
                Calls.Execute("/CallCosts\0"u8, arguments);
            Linux.Exit(0);
        }

        Calls.Wait(pid);
    }
}

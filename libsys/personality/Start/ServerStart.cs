using System;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>Starts a server from the boot archive: the entry that the start table names, or "supervisor" without a table.</summary>
internal static unsafe class ServerStart
{
    /// <summary>Returns 0 with the frame filled, or -errno.</summary>
    public static long Run(TaskState* task, StartTableView* table)
    {
        ProcessState* process = task->Process;
        process->Flags |= ProcessFlags.Server;
        UnknownCalls.ExpectRuntimeStart(process);
        process->Space->LogHandle = FindHandle(table, "log"u8, table == null ? WellKnownHandle.BootMachine : 0);

        ProgramSource source;
        long result = FindProgram(task, table, &source);
        if (result < 0)
            return result;
        LoadedImage image;
        result = ElfLoader.Load(&source, &image, false, ProgramStack.MapTop);
        if (result < 0)
            return result;
        // Servers are static programs: there is no file system to load an interpreter from.
        if (image.InterpreterLength != 0)
            return -Errno.ELIBBAD;
        Startup.NoteImage(process->Space, &image);
        return BuildStack(task, table, &image);
    }

    private static long FindProgram(TaskState* task, StartTableView* table, ProgramSource* source)
    {
        long start = KernelCalls.Query(Window.BootArchive);
        ulong length = KernelCalls.MessageWords(task)[1];
        if (start < 0 || (ulong)start != Window.BootArchive)
            return -Errno.ENOENT;
        // Spans count in 32 bits.
        if (length > int.MaxValue)
            return -Errno.EFBIG;
        var bytes = new ReadOnlySpan<byte>((void*)Window.BootArchive, (int)length);
        // Without a table this is the first space: whoever reads the archive first checks it. Later ones get it from the supervisor that did.
        if (table == null && BootArchiveReader.Check(bytes) != BootArchiveStatus.Valid)
            return -Errno.EINVAL;
        var archive = new BootArchiveReader(bytes);
        int entry = archive.Find(Name(table), true);
        if (entry < 0 || (archive.Mode(archive.DataEntry(entry)) & BootArchive.TypeMask) != BootArchive.RegularFile)
            return -Errno.ENOENT;
        int holder = archive.DataEntry(entry);
        ulong offset = (ulong)archive.DataOffset(holder);
        uint handle = FindHandle(table, "archive"u8, table == null ? WellKnownHandle.BootArchive : 0);
        *source = new ProgramSource(task, (byte*)Window.BootArchive + offset, (ulong)archive.DataLength(holder), handle, offset);
        return 0;
    }

    private static ReadOnlySpan<byte> Name(StartTableView* table)
    {
        if (table == null)
            return "supervisor"u8;
        byte* path = table->String(table->Header->Path);
        return path == null ? default : new ReadOnlySpan<byte>(path, (int)ArgumentList.LengthOf(path));
    }

    // Handles that the supervisor installed, by name; the first space has its handles at fixed numbers.
    private static uint FindHandle(StartTableView* table, ReadOnlySpan<byte> name, uint otherwise)
    {
        if (table == null)
            return otherwise;
        uint count = table->Header->HandleCount;
        StartHandle* handles = (StartHandle*)table->Array(table->Header->Handles, count, (uint)sizeof(StartHandle));
        for (uint i = 0; handles != null && i < count; i++)
        {
            byte* text = table->String(handles[i].Name);
            if (text != null && ArgumentList.LengthOf(text) == (uint)name.Length && Equal(text, name))
                return handles[i].Handle;
        }
        return otherwise;
    }

    private static bool Equal(byte* text, ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < name.Length; i++)
        {
            if (text[i] != name[i])
                return false;
        }
        return true;
    }

    private static long BuildStack(TaskState* task, StartTableView* table, LoadedImage* image)
    {
        ArgumentList arguments, environment;
        byte* name = stackalloc byte[] { (byte)'s', (byte)'u', (byte)'p', (byte)'e', (byte)'r', (byte)'v', (byte)'i', (byte)'s', (byte)'o', (byte)'r', 0 };
        long result;
        if (table == null)
        {
            result = ArgumentList.Create(&arguments, 1);
            if (result == 0)
            {
                arguments.Append(name);
                result = ArgumentList.Create(&environment, 0);
            }
        }
        else
        {
            name = table->String(table->Header->Path);
            result = ArgumentList.Read(&arguments, table, table->Header->Arguments, table->Header->ArgumentCount);
            if (result == 0)
                result = ArgumentList.Read(&environment, table, table->Header->Environment, table->Header->EnvironmentCount);
        }
        if (result < 0)
            return result;

        Credentials credentials;
        credentials.Uid = credentials.Euid = credentials.Gid = credentials.Egid = 0;
        long stack = ProgramStack.Build(task->Process->Space, &arguments, &environment, name, image, 0, &credentials);
        if (stack < 0)
            return stack;
        task->Process->Space->Output = ServerOutput.Create(&arguments);
        arguments.Free();
        environment.Free();
        if (table != null)
            table->Free();
        Startup.SetFrame(task, image->Entry, (ulong)stack);
        return 0;
    }
}

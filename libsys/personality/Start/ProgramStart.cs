using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// The new side of exec: opens the program through vfs, follows "#!" lines, maps the ELF file and its interpreter, builds the stack, then commits. Until the
/// commit every failure goes back to the caller of exec.
/// </summary>
internal static unsafe class ProgramStart
{
    /// <summary>Returns 0 with the frame filled, or -errno. <paramref name="words"/>: what the process server has told (<see cref="StartWords"/>).</summary>
    public static long Run(TaskState* task, StartTableView* table, ulong* words)
    {
        Credentials credentials;
        Identify(task, words, &credentials);
        long result = FileStart.Connect(task);
        System.Runtime.CompilerServices.Unsafe.SkipInit(out ArgumentList arguments);
        System.Runtime.CompilerServices.Unsafe.SkipInit(out ArgumentList environment);
        if (result == 0)
            result = ArgumentList.Read(&arguments, table, table->Header->Arguments, table->Header->ArgumentCount);
        if (result == 0)
            result = ArgumentList.Read(&environment, table, table->Header->Environment, table->Header->EnvironmentCount);
        if (result < 0)
            return result;

        byte* path = table->String(table->Header->Path);
        if (path == null)
            return -Errno.ENOENT;
        // An empty argv is given one empty string, as Linux does since 5.18.
        if (arguments.Count == 0)
            arguments.Append(path + ArgumentList.LengthOf(path));

        LoadedImage program, interpreter;
        interpreter.Bias = 0;
        result = LoadProgram(task, path, table->Header->PathBase, &arguments, &program, &interpreter);
        if (result < 0)
            return result;
        ulong entry = program.InterpreterLength != 0 ? interpreter.Entry : program.Entry;
        SpaceState* space = task->Process->Space;
        Startup.NoteImage(space, &program);
        long stack = ProgramStack.Build(space, &arguments, &environment, path, &program, interpreter.Bias, &credentials);
        if (stack < 0)
            return stack;
        result = KeepPath(space, path);
        if (result < 0)
            return result;
        return Commit(task, table, path, entry, (ulong)stack, &arguments, &environment);
    }

    private static void Identify(TaskState* task, ulong* words, Credentials* credentials)
    {
        ProcessState* process = task->Process;
        process->ProcessId = (uint)words[StartWords.Pid];
        process->VfsProcessSlot = (uint)words[StartWords.VfsSlot];
        process->NextThreadId = 0;
        process->ThreadIdsLeft = 0;
        task->ThreadId = process->ProcessId;
        KnownIds.Remember(process, words);
        credentials->Uid = (uint)words[StartWords.Users];
        credentials->Euid = (uint)(words[StartWords.Users] >> 32);
        credentials->Gid = (uint)words[StartWords.Groups];
        credentials->Egid = (uint)(words[StartWords.Groups] >> 32);
    }

    private static long LoadProgram(TaskState* task, byte* path, uint directory, ArgumentList* arguments, LoadedImage* program, LoadedImage* interpreter)
    {
        for (uint level = 0; ; level++)
        {
            System.Runtime.CompilerServices.Unsafe.SkipInit(out ProgramSource source);
            long result = ProgramSource.Open(task, path, directory, &source);
            if (result < 0)
                return result;
            ushort first;
            if (!ScriptLine.IsScript((byte*)&first, source.Read(0, &first, sizeof(ushort))))
            {
                result = LoadElf(task, &source, program, interpreter);
                source.Close();
                return result;
            }

            // Not freed: its strings stay in the argument list until the stack is built, and there are at most six.
            byte* line = (byte*)PersonalityHeap.Allocate(ScriptLine.Limit + 1);
            long got = line == null ? -Errno.ENOMEM : source.Read(0, line, ScriptLine.Limit);
            source.Close();
            if (got < 0)
                return got;
            if (level == ScriptLine.Levels)
                return -Errno.ELOOP;
            if (!ScriptLine.Split(line, (uint)got, out byte* shell, out byte* argument))
                return -Errno.ENOEXEC;
            arguments->SetFirst(path);
            if (argument != null)
                arguments->Prepend(argument);
            arguments->Prepend(shell);
            path = shell;
            directory = (uint)VfsLimits.WorkingDirectory;
        }
    }

    private static long LoadElf(TaskState* task, ProgramSource* source, LoadedImage* program, LoadedImage* interpreter)
    {
        long result = ElfLoader.Load(source, program, false, ProgramStack.MapTop);
        if (result < 0 || program->InterpreterLength == 0)
            return result;

        uint length = (uint)program->InterpreterLength;
        byte* path = (byte*)PersonalityHeap.Allocate(length);
        if (path == null)
            return -Errno.ENOMEM;
        long got = source->Read(program->InterpreterOffset, path, length);
        if (got != length || path[length - 1] != 0)
            return got < 0 ? got : -Errno.ENOEXEC;
        System.Runtime.CompilerServices.Unsafe.SkipInit(out ProgramSource file);
        result = ProgramSource.Open(task, path, (uint)VfsLimits.WorkingDirectory, &file);
        PersonalityHeap.Free(path);
        if (result < 0)
            return result;
        result = ElfLoader.Load(&file, interpreter, true, ProgramStack.MapTop);
        file.Close();
        return result == -Errno.ENOEXEC ? -Errno.ELIBBAD : result;
    }

    // The command's name is that by which it was called (proc(5), comm), cut to 15 bytes; the process server takes it from the path likewise.
    private static void SetName(TaskState* task, byte* path)
    {
        uint start = 0, end = 0;
        for (; path[end] != 0; end++)
            start = path[end] == '/' ? end + 1 : start;
        ulong* name = stackalloc ulong[2];
        name[0] = name[1] = 0;
        for (uint i = 0; i < 15 && start + i < end; i++)
            ((byte*)name)[i] = path[start + i];
        task->NameLow = name[0];
        task->NameHigh = name[1];
    }

    private static long KeepPath(SpaceState* space, byte* path)
    {
        uint length = ArgumentList.LengthOf(path) + 1;
        space->ExecPath = (byte*)PersonalityHeap.Allocate(length);
        if (space->ExecPath == null)
            return -Errno.ENOMEM;
        BlockMemory.Move(space->ExecPath, path, length);
        return 0;
    }

    private static long Commit(TaskState* task, StartTableView* table, byte* path, ulong entry, ulong stack, ArgumentList* arguments, ArgumentList* environment)
    {
        StartTable* header = table->Header;
        uint count = header->DescriptorCount;
        StartDescriptor* descriptors = (StartDescriptor*)table->Array(header->Descriptors, count, (uint)sizeof(StartDescriptor));
        if (descriptors == null)
            return -Errno.EINVAL;
        FileStart.AdoptDescriptors(task, descriptors, count);
        long result = FileStart.Commit(task, path, arguments);
        if (result < 0)
            return result;
        SetName(task, path);

        task->SignalMask = header->SignalMask & ~Signals.Unblockable;
        task->Process->FileMask = header->FileMask & 0x1FF; // 0777
        SignalActionCalls.Ignore(task->Process->Actions, header->SignalsIgnored);
        FileStart.FinishDescriptors(task);
        arguments->Free();
        environment->Free();
        table->Free();
        Startup.SetFrame(task, entry, stack);
        // Signals may wait from before the exec.
        if (task->Process->ServerPending != 0)
            SignalDelivery.Flag(TaskState.BlockOf(task));
        return 0;
    }
}

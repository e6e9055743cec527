using System.Text;
using Libsys.Abi;
using Libsys.Hosting;
using Servers.Processes.Spaces;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>The program that process 1 runs.</summary>
internal static class FirstProgram
{
    /// <summary>Its path.</summary>
    public const string Path = "/init";

    /// <summary>Starts it. Its descriptors 0, 1 and 2 are the console: vfs gives them to whoever attaches without a parent.</summary>
    /// <exception cref="InvalidOperationException">It could not be started.</exception>
    public static void Start(ProcessTree tree, ProgramSpaces spaces, VfsControlClient vfs)
    {
        Process first = tree.CreateFirst(SystemClock.Now);
        first.SetProgram(Encoding.UTF8.GetBytes(Path), Encoding.UTF8.GetBytes(Path + "\0"));

        var table = new StartTableBuilder(StartMode.Exec, Path);
        table.AddArgument(Path);
        // What Linux gives its first process (init/main.c documents it in Documentation/admin-guide/init.rst).
        table.AddSetting("HOME", "/");
        table.AddSetting("TERM", "linux");
        for (uint descriptor = 0; descriptor < 3; descriptor++)
            table.AddDescriptor(descriptor, descriptor);
        byte[] bytes = table.Build();

        ulong length = ProgramSpaces.PageRound((ulong)bytes.Length);
        Require(MemoryObjectHandle.TryCreate(length, MemoryFlags.None, out MemoryObjectHandle memory), "start table");
        Require(MappedMemory.TryMap(memory, 0, length, MapFlags.Read | MapFlags.Write | MapFlags.Shared, out MappedMemory? mapped), "start table");
        bytes.CopyTo(mapped!.Span(0, bytes.Length));
        mapped.Dispose();

        var source = new StartTableSource(default, 0, memory, length);
        long result = spaces.TryCreate(in source, first, out ProgramSpace? space);
        memory.Handle.Close();
        if (result < 0)
            throw new InvalidOperationException($"space of {Path}: error {-result}");
        vfs.SetSession(first);
        // It goes the way of every exec, from no program at all.
        space!.Users = 1;
        first.Exec = new PendingExec(space, default);
        result = spaces.StartFresh(space, in source, first);
        if (result < 0)
            throw new InvalidOperationException($"thread of {Path}: error {-result}");
    }

    private static void Require(KernelStatus status, string what)
    {
        if (status != KernelStatus.Ok)
            throw new InvalidOperationException($"{what}: {status}");
    }
}

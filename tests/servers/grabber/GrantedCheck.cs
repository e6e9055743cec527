using Libsys.Abi;
using Libsys.Hosting;

namespace Tests.Servers.Grabbing;

/// <summary>
/// Looks at what a server is given at its start and by grants, which is to be what docs/rights.md says, and tries more of the accounts and tables among it.
/// </summary>
internal sealed class GrantedCheck(ServerContext context) : CountedCheck(context.Log)
{
    private const ulong Page = 4096, Gigabyte = 1 << 30;

    /// <summary>All of it; the log tells.</summary>
    public void Check()
    {
        Has("log", Rights.Write);
        Has("archive", Rights.Read | Rights.Execute);
        Has("account", Rights.Read);
        Has("health", Rights.Read | Rights.Write);
        Has("server.table", Rights.Read);
        Has("process.table", Rights.Read);
        Has("cache", Rights.Manage | Rights.Read);
        Has("kernel.log", Rights.Read);
        Has("vfs", Rights.Signal);
        Has("counter", Rights.Signal);
        foreach (string name in (string[])["programs", "root.image"])
            Expect(!context.FindHandle(name).IsValid, $"{name} is there without a grant");
        Tables();
        Accounts();
        Conclude("grants");
    }

    private void Has(string name, Rights expected)
    {
        KernelHandle handle = context.FindHandle(name);
        Expect(handle.TryQuery(out _, out Rights rights) == KernelStatus.Ok && rights == expected, $"{name} has the rights {rights}");
        Expect(handle.TryDuplicate(expected, out _) == KernelStatus.NoRight, $"{name} is handed on");
    }

    private void Tables()
    {
        foreach (string name in (string[])["process.table", "server.table", "archive"])
        {
            var memory = new MemoryObjectHandle(context.FindHandle(name).Index);
            KernelStatus status = MappedMemory.TryMap(memory, 0, Page, MapFlags.Read | MapFlags.Write | MapFlags.Shared, out _);
            Expect(status == KernelStatus.NoRight, $"{name} is mapped to write");
            Expect(memory.Discard(0, Page) == KernelStatus.NoRight, $"{name} is emptied");
        }
    }

    private void Accounts()
    {
        var cache = new AccountHandle(context.FindHandle("cache").Index);
        var own = new AccountHandle(context.FindHandle("account").Index);
        cache.TryQuery(out AccountState state);
        ulong tooMuch = (state.FrameLimit + 1) * Page;
        Expect(MemoryObjectHandle.TryCreate(tooMuch, MemoryFlags.Sealed, out _, cache) == KernelStatus.NoMemory, "more pages than files may have");
        Expect(cache.TryCreateChild(state.FrameLimit + 1, 1, out _, AccountFlags.Committed) == KernelStatus.NoMemory, "more is set aside than there is");
        if (cache.TryCreateChild(Gigabyte / Page, 1, out AccountHandle child) == KernelStatus.Ok)
        {
            Expect(MemoryObjectHandle.TryCreate(tooMuch, MemoryFlags.Sealed, out _, child) == KernelStatus.NoMemory, "a child has more");
            child.Handle.Close();
        }

        // What was begun is freed a step a kernel call. vfs uses the account too meanwhile, a few frames of the thousands that were tried.
        const int MostSteps = 100_000;
        const ulong Others = 64;
        cache.TryQuery(out AccountState after);
        for (int step = 0; step < MostSteps && after.Frames > state.Frames + Others; step++)
            cache.TryQuery(out after);
        Expect(after.Frames <= state.Frames + Others, $"{after.Frames - state.Frames} frames more are charged");
        Expect(own.TryCreateChild(1, 1, out _) == KernelStatus.NoRight, "the own account is divided");
        Expect(MemoryObjectHandle.TryCreate(Page, MemoryFlags.None, out _, own) == KernelStatus.NoRight, "the own account pays by its handle");
    }
}

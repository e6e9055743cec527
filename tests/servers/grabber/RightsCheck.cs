using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Keeping;
using Libsys.Messages;

namespace Tests.Servers.Grabbing;

/// <summary>Tries each right of keeping, and more than it gives. The configuration allows four names and 64 KiB.</summary>
internal sealed class RightsCheck(ServerContext context) : CountedCheck(context.Log)
{
    private const int Names = 4;
    private const ulong Page = 4096, Allowed = 64 << 10;
    private const Rights ReadOnly = Rights.Read | Rights.Duplicate;

    private readonly KeptObjects kept = new(context.Supervisor);
    private readonly AccountHandle account = new(context.Handle("kept").Index);
    private readonly KernelHandle[] found = new KernelHandle[KeptObjects.MostHandles];

    /// <summary>All of them; the log tells.</summary>
    public void Check()
    {
        Strangers();
        Handles();
        Bounds();
        Exchange();
        Account();
        Expect(kept.Names().Count == 0, "nothing is left");
        Conclude("attempts");
    }

    // The counter has these names.
    private void Strangers()
    {
        foreach (string name in (string[])["state", "connection.0", "counter/state", "../counter.state"])
        {
            Expect(kept.TryFind(name, found, out int count) == KeepStatus.NotFound && count == 0, "another's name is found");
            Expect(kept.Release(name) == KeepStatus.NotFound, "another's name is released");
        }

        Expect(kept.Names().Count == 0, "another's names are listed");
    }

    private void Handles()
    {
        KernelHandle memory = Memory(Page);
        memory.TryDuplicate(Rights.Read, out KernelHandle single);
        Expect(kept.Keep("a", single) == KeepStatus.NoRight, "a handle without Duplicate is kept");
        Expect(kept.Keep("a", memory, single) == KeepStatus.NoRight && kept.Names().Count == 0, "one of two handles is kept");
        Expect(kept.Keep("a", new KernelHandle(60_000)) == KeepStatus.Failed, "a handle that is none is kept");
        Expect(Raw(SupervisorOperation.Keep, "a", memory, Rights.Read) == KeepError.NoRight, "a handle that arrives without Duplicate is kept");
        memory.TryDuplicate(ReadOnly, out KernelHandle readable);
        Expect(kept.Keep("a", readable) == KeepStatus.Ok, "a readable handle");
        Expect(kept.TryFind("a", found, out int count) == KeepStatus.Ok && count == 1, "it is there");
        found[0].TryQuery(out ObjectType type, out Rights rights);
        Expect(type == ObjectType.MemoryObject && rights == ReadOnly, "with the rights that it had");
        Expect(MappedMemory.TryMap(new MemoryObjectHandle(found[0].Index), 0, Page, MapFlags.Read | MapFlags.Write | MapFlags.Shared,
            out _) == KernelStatus.NoRight, "and no more");
        found[0].Close();
        Expect(kept.Release("a") == KeepStatus.Ok, "it is released");
        Expect(kept.Release("a") == KeepStatus.NotFound && kept.Release("a") == KeepStatus.NotFound, "and not again");
        foreach (KernelHandle handle in (KernelHandle[])[memory, single, readable])
            handle.Close();
    }

    private void Bounds()
    {
        KernelHandle memory = Memory(Page);
        for (int name = 0; name < Names; name++)
            Expect(kept.Keep($"n{name}", memory, memory, memory, memory) == KeepStatus.Ok, "a name of four");
        Expect(kept.Keep("one-more", memory) == KeepStatus.NoRoom, "more names than allowed");
        Expect(kept.Keep("n3", memory) == KeepStatus.Ok, "a name that exists");
        Expect(string.Join(' ', kept.Names()) == "n0 n1 n2 n3", "the names in order");
        Expect(kept.Keep("n0", memory, memory, memory, memory, memory) == KeepStatus.BadArgument, "five handles");
        Expect(Raw(SupervisorOperation.Keep, "n0", default, default) == KeepError.BadArgument, "no handle");
        foreach (string name in (string[])["", " ", "a b", "a\tb", "\u00e9", "\u007f"])
            Expect(Raw(SupervisorOperation.Keep, name, memory, Rights.All) == KeepError.BadArgument, "a name that is none");
        Expect(kept.Keep(new string('x', ServerName.LongestName + 1), memory) == KeepStatus.BadArgument, "a name that is too long");
        for (int name = 0; name < Names; name++)
            Expect(kept.Release($"n{name}") == KeepStatus.Ok, "a name is released");
        memory.Close();
    }

    private void Exchange()
    {
        KernelHandle first = Memory(Page), second = Memory(2 * Page);
        Expect(kept.Keep("state", first) == KeepStatus.Ok && kept.Keep("state", second) == KeepStatus.Ok, "one for the other");
        first.Close();
        second.Close();
        kept.TryFind("state", found, out int count);
        new MemoryObjectHandle(found[0].Index).TryQuery(out ulong length, out _, out _);
        Expect(count == 1 && length == 2 * Page, "the second is there");
        found[0].Close();
        kept.Release("state");
    }

    private void Account()
    {
        Expect(account.Handle.TryDuplicate(Rights.Manage, out _) == KernelStatus.NoRight, "the account is not to be handed on");
        Expect(MemoryObjectHandle.TryCreate(2 * Allowed, MemoryFlags.Sealed, out _, account) == KernelStatus.NoMemory, "more memory than allowed");
        Expect(NotificationHandle.TryCreate(out NotificationHandle notification, account) == KernelStatus.Ok, "a notification");
        Expect(EndpointHandle.TryCreate(out EndpointHandle endpoint, account) == KernelStatus.Ok, "an endpoint");
        account.TryQuery(out AccountState state);
        Expect(state.Frames > 0, "they are charged there");
        notification.Handle.Close();
        endpoint.Handle.Close();
        // What is closed is freed a step a kernel call.
        const int MostSteps = 10_000;
        for (int step = 0; step < MostSteps && state.Frames > 0; step++)
            account.TryQuery(out state);
        Expect(state.Frames == 0, $"{state.Frames} frames are left");
    }

    private KernelHandle Memory(ulong length)
    {
        Expect(MemoryObjectHandle.TryCreate(length, MemoryFlags.Sealed, out MemoryObjectHandle memory, account) == KernelStatus.Ok, "memory");
        return memory.Handle;
    }

    private long Raw(SupervisorOperation operation, string name, KernelHandle handle, Rights rights)
    {
        Message message = default;
        message.Words[0] = (ulong)operation;
        ServerName.TryWrite(ref message, System.Text.Encoding.UTF8.GetBytes(name));
        message.HandleCount = handle.IsValid ? 1u : 0;
        message.Handles[0] = handle.Index;
        message.Rights[0] = (uint)rights;
        return context.Supervisor.Call(ref message) == KernelStatus.Ok ? (long)message.Words[0] : long.MinValue;
    }
}

using System.Threading;
using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>Forks, by a third space, of a space that changes between the steps of the call.</summary>
internal static unsafe class ForkTests
{
    private const ulong ReadWrite = (ulong)(MapFlags.Read | MapFlags.Write), Self = WellKnownHandle.Self, Root = WellKnownHandle.BootAccount;
    // Many steps, which take much longer than the disturbing thread sleeps.
    private const ulong At = 0x3200_0000, Pages = 6000, Page = 4096;
    private const ulong Delay = 100_000;
    private const int MostTries = 50;

    private static ulong parent;
    private static uint started;

    public static void Run()
    {
        Test("a fork that fails half-way leaves nothing to the next one"u8, &ParentEnds);
        Test("a fork whose parent is protected meanwhile gives a space that works"u8, &ParentIsProtected);
    }

    // A space with many pages at At, that nothing runs in.
    private static void MakeParent(ulong endpoint)
    {
        Kernel.Call(KernelCall.SpaceMap, Self, At, Pages * Page, ReadWrite);
        for (ulong i = 0; i < Pages; i++)
            Kernel.StoreWord(At + i * Page, (uint)i);
        parent = (ulong)Kernel.Call(KernelCall.SpaceFork, Self, Root, endpoint, 1);
        Kernel.Call(KernelCall.SpaceUnmap, Self, At, Pages * Page);
    }

    private static void DropParent()
    {
        Kernel.Call(KernelCall.SpaceDestroy, parent);
        Kernel.Call(KernelCall.HandleClose, parent);
    }

    // Forks the parent while a thread of higher priority does something to it soon after the fork has begun.
    private static long ForkDisturbed(delegate*<ulong, void> disturb)
    {
        Work work;
        started = 0;
        Threads.Start(&work, disturb, 0, (ulong)20 << 8);
        while (Volatile.Read(ref started) == 0)
            Threads.Sleep(20_000);
        long child = Kernel.Call(KernelCall.SpaceFork, parent, Root, 0, 2);
        Threads.Join(&work);
        return child;
    }

    private static void EndParent(ulong argument)
    {
        Volatile.Write(ref started, 1);
        Threads.Sleep(Delay);
        Kernel.Call(KernelCall.SpaceDestroy, parent);
    }

    private static void ParentEnds()
    {
        AccountState before = Accounts.State();
        long child = 0;
        for (int i = 0; i < MostTries && child >= 0; i++)
        {
            MakeParent(0);
            child = ForkDisturbed(&EndParent);
            DropParent();
            if (child > 0)
                Kernel.Call(KernelCall.HandleClose, (ulong)child);
        }
        Fails(child, KernelStatus.BadState, 1);
        // What the dead space had there must not be in a copy of this one.
        child = Kernel.Call(KernelCall.SpaceFork, Self, Root, 0, 3);
        Expect(child > 0, 2);
        Expect(Kernel.Call(KernelCall.SpaceQuery, (ulong)child, At) > (long)(At + Pages * Page), 3);
        Kernel.Call(KernelCall.HandleClose, (ulong)child);
        AccountState after = Accounts.State();
        // Block and stack of the other thread's slot stay with the space.
        Expect(after.Frames - before.Frames <= 4, 4);
        Expect((long)after.Handles, (long)before.Handles, 5);
    }

    private static void ProtectParent(ulong argument)
    {
        Volatile.Write(ref started, 1);
        Threads.Sleep(Delay);
        Kernel.Call(KernelCall.SpaceProtect, parent, At, Pages * Page, 0);
    }

    private static void SumChild(ulong argument)
    {
        ulong sum = 0;
        for (ulong i = 0; i < Pages; i++)
            sum += (ulong)Kernel.CopyWord(At + i * Page);
        SharedMemory.State->Value = sum;
        SharedMemory.State->Stage = 1;
    }

    private static void ParentIsProtected()
    {
        AccountState before = Accounts.State();
        long o = SharedMemory.Create();
        // On a busy host the protection may come before the fork has begun; then all of the child's region has it.
        const long AllRefused = -(long)Pages;
        long sum = AllRefused;
        for (int i = 0; i < MostTries && sum == AllRefused; i++)
            sum = SumOfDisturbedChild();
        // The child's region is what it was when the fork began; so must be its pages.
        Expect(sum, (long)(Pages * (Pages - 1) / 2), 3);
        SharedMemory.Drop(o);
        AccountState after = Accounts.State();
        Expect(after.Frames - before.Frames <= 4, 4);
        Expect((long)after.Handles, (long)before.Handles, 5);
    }

    private static long SumOfDisturbedChild()
    {
        const ulong Limit = 5_000_000_000;
        SharedMemory.State->Stage = 0;
        // What the child does is in the memory that the parent has a copy of.
        Child child = default;
        child.Endpoint = Kernel.Call(KernelCall.EndpointCreate);
        child.Work.Function = &SumChild;
        MakeParent((ulong)child.Endpoint);
        child.Space = ForkDisturbed(&ProtectParent);
        Expect(child.Space > 0, 1);
        child.Go(&child);
        ulong end = Threads.Now + Limit;
        while (Volatile.Read(ref SharedMemory.State->Stage) == 0 && Threads.Now < end)
            Threads.Sleep(1_000_000);
        Expect(SharedMemory.State->Stage, 1, 2);
        child.Close();
        DropParent();
        return (long)SharedMemory.State->Value;
    }
}

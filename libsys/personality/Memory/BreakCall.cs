using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>brk(2).</summary>
internal static unsafe class BreakCall
{
    private const ulong PageMask = 4095;

    /// <summary>brk(address): the new break, or the old one if it cannot be set.</summary>
    public static long Set(TaskState* task, RegisterFrame* frame)
    {
        SpaceState* space = task->Process->Space;
        PersonalityLock.Enter(&space->MapLock);
        ulong wanted = frame->Rdi;
        if (wanted >= space->BreakStart && wanted < space->MapTop && Change(space, wanted))
            space->Break = wanted;
        ulong result = space->Break;
        PersonalityLock.Exit(&space->MapLock);
        return (long)result;
    }

    private static bool Change(SpaceState* space, ulong wanted)
    {
        ulong oldEnd = (space->Break + PageMask) & ~PageMask, newEnd = (wanted + PageMask) & ~PageMask;
        if (newEnd > oldEnd)
            return KernelCalls.Map(oldEnd, newEnd - oldEnd, MapFlags.Read | MapFlags.Write, 0, 0) >= 0;
        return newEnd == oldEnd || KernelCalls.Unmap(newEnd, oldEnd - newEnd) >= 0;
    }
}

using System.Runtime.CompilerServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Ids of the own process that others may change, read from memory that the process server writes (<see cref="PublishedIds"/>). It is mapped at the second
/// question: most programs ask once or never, and a message is cheaper than a mapping.
/// </summary>
internal static unsafe class PublishedIdWords
{
    // Values of ProcessState.IdsPlace; from First on, the entry's index + First.
    private const uint Unknown = 0, Asked = 1, Refused = 2, First = 3;

    /// <summary>A word of the own entry. False: to be asked for by message.</summary>
    public static bool TryRead(TaskState* task, uint word, out uint value)
    {
        if (task->Process->IdsPlace < First)
            Prepare(task, task->Process->IdsPlace);
        return TryReadShown(task, word, out value);
    }

    /// <summary>The same, and nothing is mapped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadShown(TaskState* task, uint word, out uint value)
    {
        uint place = task->Process->IdsPlace;
        value = place < First ? 0 : Volatile.Read(ref *(uint*)(Window.PublishedIds + (place - First) * PublishedIds.EntryLength + word));
        return place >= First;
    }

    private static void Prepare(TaskState* task, uint place)
    {
        ProcessState* process = task->Process;
        if (place == Unknown)
            process->IdsPlace = Asked;
        else if (place == Asked)
        {
            long result = ControlCalls.Call(task, ProcessOperation.ShowIds, 0, 0, 0, 0, 0);
            ulong index = KernelCalls.MessageWords(task)[1];
            process->IdsPlace = result == 0 && index < ProcessTable.Entries ? (uint)index + First : Refused;
        }
    }
}

using System.Runtime.InteropServices;

namespace Libsys.Personality;

/// <summary>What belongs to an address space, whichever of its processes asks. Copied by fork with the heap.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SpaceState
{
    /// <summary>Guards the break and multi-step changes of the map (mremap).</summary>
    public PersonalityLock MapLock;

    /// <summary>Guards the heap's free lists.</summary>
    public PersonalityLock HeapLock;

    /// <summary>Lowest break: page after the program's bss.</summary>
    public ulong BreakStart;

    /// <summary>Current break, not rounded.</summary>
    public ulong Break;

    /// <summary>Exclusive upper end of mmap placement (below the stack's reach).</summary>
    public ulong MapTop;

    /// <summary>Exclusive upper end of the main stack.</summary>
    public ulong StackTop;

    /// <summary>Bounds of the program's image: /proc and prctl only.</summary>
    public ulong CodeStart, CodeEnd, DataStart, DataEnd;

    /// <summary>argv and envp strings.</summary>
    public ulong ArgumentStart, ArgumentEnd, EnvironmentStart, EnvironmentEnd;

    /// <summary>Auxiliary vector on the stack.</summary>
    public ulong AuxiliaryStart, AuxiliaryLength;

    /// <summary>Absolute path of the program as exec named it, NUL terminated, in the heap; null in server mode.</summary>
    public byte* ExecPath;

    /// <summary>Connection to vfs (type owned by the files part); null in server mode.</summary>
    public VfsConnection* Connection;

    /// <summary>What is mapped at <see cref="Libsys.Abi.Window.MemorySources"/>, a word a page (<see cref="MemorySources"/>); null: never used.</summary>
    public ulong* Sources;

    /// <summary>What is mapped at <see cref="Libsys.Abi.Window.Streams"/>; null: never used.</summary>
    public StreamPlace* Streams;

    /// <summary>A bit for each sixteen of those: one of them is taken, or was.</summary>
    public uint StreamGroups;

    /// <summary>
    /// Guards changes of those. Held over a request to vfs, unlike all others: whoever takes it holds no other. A fork does not take it, the child starts over.
    /// </summary>
    public PersonalityLock SourceLock;

    /// <summary>Whether the area at <see cref="Libsys.Abi.Window.FileArea"/> is there (<see cref="SharedFiles"/>).</summary>
    public uint FileAreaState;

    /// <summary>A bit for each of the places at <see cref="Libsys.Abi.Window.LongContents"/> that a slot of the area has.</summary>
    public uint LongPlaces;

    /// <summary>Whether the published names are mapped, as <see cref="NamesMapping"/> counts; 0 at start.</summary>
    public uint NamesState;

    /// <summary>Handle for log lines (Machine with Manage), 0 if none.</summary>
    public uint LogHandle;

    /// <summary>Standard output and error of a server; null in programs.</summary>
    public ServerOutput* Output;

    /// <summary>Processes in this space.</summary>
    public uint Processes;

    /// <summary>Borrowers that have ended, until their last thread is gone for certain.</summary>
    public ProcessState* Departed;

    /// <summary>Flags of mlockall that were accepted.</summary>
    public uint LockFlags;

    /// <summary>Not 0 once membarrier registration happened.</summary>
    public uint MembarrierRegistered;

    /// <summary>State of the random generator.</summary>
    public RandomState* Random;

    /// <summary>Threads that may wait at words of the program (<see cref="Personality.FutexWaiters"/>).</summary>
    public fixed int FutexWaiters[Personality.FutexWaiters.Counters];

    /// <summary>Places of epoll sets that are none now, a list through them, and the number of the latest set.</summary>
    public ulong FreeEpollSets, LatestEpollSet;

    /// <summary>1: a signalfd has been put into one of them.</summary>
    public uint HasSignalsInSets;
}

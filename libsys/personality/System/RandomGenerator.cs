using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>State of the random generator.</summary>
internal unsafe struct RandomState
{
    /// <summary>Bytes of <see cref="Pool"/>: what eight blocks give beyond a key.</summary>
    public const int PoolLength = 8 * ChaCha20.BlockLength - KeyLength;

    /// <summary>Bytes of <see cref="Key"/>.</summary>
    public const int KeyLength = 32;

    /// <summary>Guards the state.</summary>
    public PersonalityLock Lock;

    /// <summary>Blocks that the next key makes.</summary>
    public uint Blocks;

    /// <summary>Where in <see cref="Pool"/> what was not given out begins, and its bytes.</summary>
    public uint Start, Available;

    /// <summary>Key words, and behind them, filled by the same blocks, <see cref="Pool"/>.</summary>
    public fixed uint Key[8];

    /// <summary>Output for the next requests; what was given out is zeroed.</summary>
    public fixed byte Pool[PoolLength];
}

/// <summary>
/// getrandom(2) without a server: ChaCha20, keyed from rdrand where the CPU has it and from the time stamp counter. On a CPU without rdrand the seed is only as
/// good as the counter's jitter. Each key makes some blocks, of which the first half block is the next key: what was given out cannot be computed later. The
/// first key makes one block, which is all that most programs need (the 16 bytes of AT_RANDOM), later ones eight.
/// </summary>
internal static unsafe class RandomGenerator
{
    /// <summary>Fills own memory.</summary>
    public static void Fill(SpaceState* space, byte* buffer, ulong length)
    {
        RandomState* state = Acquire(space);
        while (length != 0)
        {
            byte* next = Next(state, length, out ulong count);
            BlockMemory.Move(buffer, next, count);
            Used(state, next, count);
            buffer += count;
            length -= count;
        }
        PersonalityLock.Exit(&state->Lock);
    }

    /// <summary>In a forked child: what waits is its parent's. The key is stirred before more is made.</summary>
    public static void AfterFork(RandomState* state)
    {
        PersonalityLock.Reset(&state->Lock);
        Used(state, state->Pool + state->Start, state->Available);
    }

    /// <summary>getrandom(buffer, length, flags).</summary>
    public static long Call(TaskState* task, RegisterFrame* frame)
    {
        const uint NonBlocking = 1, Random = 2, Insecure = 4;
        ulong address = frame->Rdi, length = frame->Rsi;
        uint flags = (uint)frame->Rdx;
        if ((flags & ~(NonBlocking | Random | Insecure)) != 0 || (flags & (Random | Insecure)) == (Random | Insecure))
            return -Errno.EINVAL;
        // getrandom(2): at most 32 MiB - 1 at once.
        if (length > 0x1FF_FFFF)
            length = 0x1FF_FFFF;
        ulong done = FillProgram(task->Process->Space, address, length);
        return done == 0 && length != 0 ? -Errno.EFAULT : (long)done;
    }

    /// <summary>Fills memory of the program, below the window, as far as it goes: the bytes filled.</summary>
    public static ulong FillProgram(SpaceState* space, ulong address, ulong length)
    {
        RandomState* state = Acquire(space);
        ulong done = 0;
        while (done < length)
        {
            byte* next = Next(state, length - done, out ulong count);
            ulong copied = UserMemory.CopyOutPartly(address + done, next, count);
            Used(state, next, count);
            done += copied;
            if (copied < count)
                break;
        }
        PersonalityLock.Exit(&state->Lock);
        return done;
    }

    // Bytes to give out, as many as there are of those wanted.
    private static byte* Next(RandomState* state, ulong wanted, out ulong count)
    {
        if (state->Available == 0)
            Refill(state);
        count = wanted < state->Available ? wanted : state->Available;
        return state->Pool + state->Start;
    }

    private static void Used(RandomState* state, byte* bytes, ulong count)
    {
        BlockMemory.Zero(bytes, count);
        state->Start += (uint)count;
        state->Available -= (uint)count;
    }

    private static RandomState* Acquire(SpaceState* space)
    {
        if (space->Random == null)
        {
            RandomState* fresh = (RandomState*)PersonalityHeap.Allocate((ulong)sizeof(RandomState));
            if (fresh == null)
                Stubs.Stop();
            PersonalityLock.Enter(&space->HeapLock);
            if (space->Random == null)
                space->Random = fresh;
            PersonalityLock.Exit(&space->HeapLock);
            if (space->Random != fresh)
                PersonalityHeap.Free(fresh);
        }
        RandomState* state = space->Random;
        PersonalityLock.Enter(&state->Lock);
        return state;
    }

    private static void Refill(RandomState* state)
    {
        // Fresh entropy: it costs little and separates forked copies.
        Stir(state);
        uint* key = stackalloc uint[RandomState.KeyLength / sizeof(uint)];
        BlockMemory.Move(key, state->Key, RandomState.KeyLength);
        byte* output = (byte*)state->Key;
        uint blocks = state->Blocks == 0 ? 1 : state->Blocks;
        for (uint block = 0; block < blocks; block++)
            ChaCha20.Block(key, block, 0, 0, 0, (uint*)(output + block * ChaCha20.BlockLength));
        BlockMemory.Zero(key, RandomState.KeyLength);
        state->Start = 0;
        state->Available = blocks * ChaCha20.BlockLength - RandomState.KeyLength;
        state->Blocks = (RandomState.KeyLength + RandomState.PoolLength) / ChaCha20.BlockLength;
    }

    private static void Stir(RandomState* state)
    {
        bool hardware = HasHardware();
        for (int i = 0; i < 8; i += 2)
        {
            ulong value = 0;
            if (hardware)
                Stubs.ReadRandom(&value);
            value ^= Stubs.ReadTimeStamp() * 0x9E37_79B9_7F4A_7C15;
            state->Key[i] ^= (uint)value;
            state->Key[i + 1] ^= (uint)(value >> 32);
        }
    }

    private static bool HasHardware()
    {
        uint* features = stackalloc uint[4];
        Stubs.ReadCpuid(1, 0, features);
        // CPUID.1:ECX bit 30 (SDM vol. 2, CPUID).
        return (features[2] & 1u << 30) != 0;
    }
}

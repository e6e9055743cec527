using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>State of the random generator, a ChaCha20 key and counter.</summary>
internal unsafe struct RandomState
{
    /// <summary>Guards the state.</summary>
    public PersonalityLock Lock;


    /// <summary>Key words.</summary>
    public fixed uint Key[8];

    /// <summary>Blocks made with this key.</summary>
    public ulong Counter;
}

/// <summary>
/// getrandom(2) without a server: ChaCha20 (RFC 8439 §2.3) in integer code, keyed from rdrand where the CPU has it and from the time stamp counter. On a CPU
/// without rdrand the seed is only as good as the counter's jitter. After each request the key is replaced by output, so that what was given out cannot be
/// computed later.
/// </summary>
internal static unsafe class RandomGenerator
{
    private const int BlockLength = 64;

    /// <summary>Fills own memory.</summary>
    public static void Fill(SpaceState* space, byte* buffer, ulong length)
    {
        RandomState* state = Acquire(space);
        byte* block = stackalloc byte[BlockLength];
        while (length != 0)
        {
            Block(state, (uint*)block);
            ulong count = length < BlockLength ? length : BlockLength;
            BlockMemory.Move(buffer, block, count);
            buffer += count;
            length -= count;
        }
        Release(state, block);
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
        byte* block = stackalloc byte[BlockLength];
        ulong done = 0;
        while (done < length)
        {
            Block(state, (uint*)block);
            ulong count = length - done < BlockLength ? length - done : BlockLength;
            ulong copied = UserMemory.CopyOutPartly(address + done, block, count);
            done += copied;
            if (copied < count)
                break;
        }
        Release(state, block);
        return done;
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
        // Fresh entropy is stirred in at each request: it costs little and separates forked copies.
        Stir(state);
        return state;
    }

    private static void Release(RandomState* state, byte* block)
    {
        Block(state, (uint*)block);
        for (int i = 0; i < 8; i++)
            state->Key[i] = ((uint*)block)[i];
        BlockMemory.Zero(block, BlockLength);
        PersonalityLock.Exit(&state->Lock);
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

    private static void Block(RandomState* state, uint* output)
    {
        uint* input = stackalloc uint[16];
        // "expand 32-byte k"
        input[0] = 0x61707865;
        input[1] = 0x3320646e;
        input[2] = 0x79622d32;
        input[3] = 0x6b206574;
        for (int i = 0; i < 8; i++)
            input[4 + i] = state->Key[i];
        input[12] = (uint)state->Counter;
        input[13] = (uint)(state->Counter >> 32);
        input[14] = 0;
        input[15] = 0;
        state->Counter++;
        for (int i = 0; i < 16; i++)
            output[i] = input[i];
        for (int round = 0; round < 10; round++)
        {
            Quarter(output, 0, 4, 8, 12);
            Quarter(output, 1, 5, 9, 13);
            Quarter(output, 2, 6, 10, 14);
            Quarter(output, 3, 7, 11, 15);
            Quarter(output, 0, 5, 10, 15);
            Quarter(output, 1, 6, 11, 12);
            Quarter(output, 2, 7, 8, 13);
            Quarter(output, 3, 4, 9, 14);
        }
        for (int i = 0; i < 16; i++)
            output[i] += input[i];
    }

    private static void Quarter(uint* s, int a, int b, int c, int d)
    {
        s[a] += s[b];
        s[d] = Rotate(s[d] ^ s[a], 16);
        s[c] += s[d];
        s[b] = Rotate(s[b] ^ s[c], 12);
        s[a] += s[b];
        s[d] = Rotate(s[d] ^ s[a], 8);
        s[c] += s[d];
        s[b] = Rotate(s[b] ^ s[c], 7);
    }

    private static uint Rotate(uint value, int count) => value << count | value >> (32 - count);
}

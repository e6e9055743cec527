using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// The main thread's stack as a program finds it (System V ABI x86-64 §3.4.1): strings at the top, then auxiliary vector, envp, argv, argc.
/// </summary>
internal static unsafe class ProgramStack
{
    /// <summary>RLIMIT_STACK's default: how far the stack may grow.</summary>
    public const ulong GrowthLimit = 8ul << 20;

    // Mapped at once beyond the arguments: 128 KiB, what Linux reserves below them.
    private const ulong InitialRoom = 128 << 10;

    /// <summary>Exclusive top of the stack.</summary>
    public const ulong Top = Window.Vdso;

    /// <summary>
    /// Exclusive top of mmap placement: Linux leaves at least 128 MiB for the stack. And 32 pages more, or else the first mapping and the stack were as many
    /// pages apart as a translation cache has sets: what is used most would keep throwing each other out.
    /// </summary>
    public const ulong MapTop = Top - (128ul << 20) - 0x2_0000;

    /// <summary>Fills the stack. Returns the stack pointer, or -errno (E2BIG, ENOMEM).</summary>
    public static long Build(SpaceState* space, ArgumentList* arguments, ArgumentList* environment, byte* path, LoadedImage* program, ulong interpreterBase,
        Credentials* credentials)
    {
        ulong strings = Length(arguments) + Length(environment) + ArgumentList.LengthOf(path) + 1;
        ulong pointers = (arguments->Count + environment->Count + 3ul + 2 * AuxiliaryEntries) * 8;
        // Linux' bound: a quarter of the stack's limit (execve(2), "Limits on size of arguments and environment").
        if (strings + pointers > GrowthLimit / 4)
            return -Errno.E2BIG;
        ulong length = (strings + pointers + InitialRoom + 4095) & ~4095ul;
        MapFlags protection = MapFlags.Read | MapFlags.Write | (program->ExecutableStack ? MapFlags.Execute | MapFlags.WriteExecute : MapFlags.None);
        long status = KernelCalls.Map(Top - length, length, protection | MapFlags.GrowsDown, GrowthLimit, 0);
        if (status < 0)
            return KernelCalls.MemoryError(status);

        var writer = new StackWriter(Top - 8);
        ulong pathAddress = writer.PushString(path);
        space->EnvironmentEnd = pathAddress;
        ulong environmentStart = PushStrings(&writer, environment);
        ulong argumentStart = PushStrings(&writer, arguments);
        space->EnvironmentStart = environmentStart;
        space->ArgumentEnd = environmentStart;
        space->ArgumentStart = argumentStart;
        ulong platform = writer.PushText("x86_64"u8);
        ulong random = PushRandom(space, &writer);

        ulong words = 1 + arguments->Count + 1 + environment->Count + 1 + 2 * AuxiliaryEntries;
        ulong pointer = (writer.Position - words * 8) & ~15ul;
        ulong next = pointer;
        Word(&next, arguments->Count);
        Pointers(&next, argumentStart, arguments);
        Pointers(&next, environmentStart, environment);
        space->AuxiliaryStart = next;
        Auxiliary(&next, program, interpreterBase, credentials, pathAddress, platform, random);
        space->AuxiliaryLength = next - space->AuxiliaryStart;
        space->StackTop = Top;
        return writer.Failed ? -Errno.EFAULT : (long)pointer;
    }

    private const uint AuxiliaryEntries = 21;

    // getauxval(3), <elf.h>.
    private const ulong Phdr = 3, Phent = 4, Phnum = 5, Pagesz = 6, Base = 7, Flags = 8, Entry = 9, Uid = 11, Euid = 12, Gid = 13, Egid = 14, Platform = 15,
        Hwcap = 16, Clktck = 17, Secure = 23, Random = 25, Hwcap2 = 26, Execfn = 31, SysinfoEhdr = 33, Minsigstksz = 51;

    private static void Auxiliary(ulong* next, LoadedImage* program, ulong interpreterBase, Credentials* credentials, ulong path, ulong platform, ulong random)
    {
        uint* features = stackalloc uint[4];
        Stubs.ReadCpuid(1, 0, features);
        Pair(next, SysinfoEhdr, Window.Vdso);
        Pair(next, Hwcap, features[3]);
        Pair(next, Pagesz, 4096);
        Pair(next, Clktck, 100);
        Pair(next, Phdr, program->HeadersAddress);
        Pair(next, Phent, (ulong)sizeof(ElfProgramHeader));
        Pair(next, Phnum, program->HeaderCount);
        Pair(next, Base, interpreterBase);
        Pair(next, Flags, 0);
        Pair(next, Entry, program->Entry);
        Pair(next, Uid, credentials->Uid);
        Pair(next, Euid, credentials->Euid);
        Pair(next, Gid, credentials->Gid);
        Pair(next, Egid, credentials->Egid);
        Pair(next, Secure, credentials->Uid != credentials->Euid || credentials->Gid != credentials->Egid ? 1ul : 0);
        Pair(next, Random, random);
        // Bit 1: the FS and GS base instructions may be used.
        Pair(next, Hwcap2, 2);
        Pair(next, Execfn, path);
        Pair(next, Platform, platform);
        Pair(next, Minsigstksz, SignalFrame.SmallestStack);
        Pair(next, 0, 0);
    }

    private static ulong PushStrings(StackWriter* writer, ArgumentList* list)
    {
        for (uint i = list->Count; i > 0; i--)
            writer->PushString((*list)[i - 1]);
        return writer->Position;
    }

    private static void Pointers(ulong* next, ulong start, ArgumentList* list)
    {
        for (uint i = 0; i < list->Count; i++)
        {
            Word(next, start);
            start += ArgumentList.LengthOf((*list)[i]) + 1;
        }
        Word(next, 0);
    }

    private static ulong PushRandom(SpaceState* space, StackWriter* writer)
    {
        ulong* bytes = stackalloc ulong[2];
        RandomGenerator.Fill(space, (byte*)bytes, 16);
        return writer->PushBytes((byte*)bytes, 16);
    }

    private static ulong Length(ArgumentList* list)
    {
        ulong length = 0;
        for (uint i = 0; i < list->Count; i++)
            length += ArgumentList.LengthOf((*list)[i]) + 1;
        return length;
    }

    private static void Pair(ulong* next, ulong key, ulong value)
    {
        Word(next, key);
        Word(next, value);
    }

    private static void Word(ulong* next, ulong value)
    {
        Stubs.UserWrite64(*next, value);
        *next += 8;
    }
}

/// <summary>Ids for the auxiliary vector.</summary>
internal struct Credentials
{
    /// <summary>Real and effective ids.</summary>
    public uint Uid, Euid, Gid, Egid;
}

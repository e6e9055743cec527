namespace Libsys.Abi;

/// <summary>
/// The fixed layout of the window: the top of every user address space, which holds the personality.
/// Programs live below <see cref="Base"/>; the personality refuses their mappings above it.
/// All addresses are part of the contract between kernel, personality and servers. What calls use all the time lies in few page tables, and in pages whose
/// numbers differ in their last six bits (docs/decisions/fixed-window.md).
/// </summary>
public static class Window
{
    /// <summary>First byte of the window and of the personality image (header, then code).</summary>
    public const ulong Base = 0x7FFF_8000_0000;

    /// <summary>
    /// The page below, mapped with the image: a shared object of functions that programs call instead of making Linux calls, vdso(7). It counts as program, not
    /// as personality: who is interrupted there gets its signal there.
    /// </summary>
    public const ulong Vdso = Base - 4096;

    /// <summary>The kernel-call gate. A <c>syscall</c> whose return address is <see cref="GateReturn"/> is a kernel call; any other is reflected.</summary>
    public const ulong Gate = Base + 0x800;

    /// <summary>Offset from <see cref="Gate"/> of the instruction after the gate's <c>syscall</c> (mov rcx→r10 is 3 bytes, syscall 2).</summary>
    public const ulong GateReturn = Gate + 5;

    /// <summary>Read-only page that the kernel publishes, see <see cref="KernelPage"/>. The image ends below it.</summary>
    public const ulong KernelPageAddress = Base + 0x10_6000;

    /// <summary>One pinned page per thread slot, see <see cref="ThreadBlock"/>.</summary>
    public const ulong ThreadBlocks = Base + 0x18_8000;

    /// <summary>Threads an address space can hold. 4,096 blocks are 16 MiB of window; Debian programs stay far below.</summary>
    public const uint ThreadSlots = 4096;

    /// <summary>
    /// Personality stacks, demand zero, copied by fork. The first slot's is the last, just below the heap, so that one page table is enough for a program of a
    /// few threads; see <see cref="StackTopOf"/>.
    /// </summary>
    public const ulong Stacks = Heap - ThreadSlots * StackStride;

    /// <summary>64 KiB each: the deepest path (a signal frame while an ELF is loaded) needs under 16 KiB.</summary>
    public const ulong StackStride = 0x1_0000;

    /// <summary>The personality's own data: demand-zero, read-write, copied by fork. Mapped by the kernel with the image.</summary>
    public const ulong Heap = 0x7FFF_A011_0000;

    /// <summary>Length of the heap region, bytes.</summary>
    public const ulong HeapLength = 0x1000_0000;

    /// <summary>
    /// What a space's creator maps for it, left out by fork: start table, connections. Behind the heap, in one GiB with all other parts of the window, which
    /// so have one page directory.
    /// </summary>
    public const ulong Shared = 0x7FFF_B100_0000;

    /// <summary>The start table (<see cref="StartTable"/>), read-only, mapped by whoever created the space.</summary>
    public const ulong StartTableAddress = Shared;

    /// <summary>
    /// Where a start table of at most <see cref="SmallStartTableLimit"/> bytes is copied to for a program: the first block of the personality's heap, behind
    /// the heap's root and the block's header.
    /// </summary>
    public const ulong SmallStartTable = Heap + 0x110;

    /// <summary>Bytes of a small start table: with its header, and a zero behind it, it is a block of 32 KiB at most. Nearly all are of one page.</summary>
    public const ulong SmallStartTableLimit = 0x7FE8;

    /// <summary>Largest start table, bytes: Linux allows 2 MiB of arguments and environment by default (a quarter of the 8 MiB stack).</summary>
    public const ulong StartTableLimit = 0x100_0000;

    /// <summary>The connection to vfs (see the ring protocol), read-write, mapped by the process server.</summary>
    public const ulong VfsConnection = Shared + 0x100_1000;

    /// <summary>Distance of the connections to the servers of programs.</summary>
    public const ulong ConnectionStride = 0x100_0000;

    /// <summary>
    /// Servers of programs that there can be, vfs among them. The others are few: each is a system server, named in the configuration. A power of two.
    /// </summary>
    public const uint ProgramServers = 4;

    /// <summary>Distance of the pools of a connection that are objects of their own: none is longer.</summary>
    public const ulong PoolStride = 0x10_0000;

    /// <summary>
    /// Pages that programs share with vfs, docs/memory-sources.md: behind the rings, in the part of their stride that they do not reach, so that no page table
    /// comes with them. The program offers a page, vfs replaces it.
    /// </summary>
    public const ulong MemorySources = VfsConnection + PoolStride / 2 - 0xF000;

    /// <summary>How many a space can have.</summary>
    public const uint MemorySourceCount = (uint)(PoolStride / 2 / 4096);

    /// <summary>
    /// Streams that programs share with vfs, docs/streams.md: 42 MiB of address space behind all other parts of the window. Nothing is there, not even
    /// page tables, before a stream is.
    /// </summary>
    public const ulong Streams = 0x7FFF_BA01_4000;

    /// <summary>
    /// Distance of the two streams of a pair, mostly both ends of a pipe: longer than a stream (19 pages), so that the parts of two are never one region.
    /// </summary>
    public const ulong StreamStride = 0x1_4000;

    /// <summary>
    /// Distance of two pairs: an odd number of pages, 41. The same page of as many streams as a translation cache has sets is in as many of its sets then, for
    /// any power of two; with a power of two in between, those that a program polls would all share two or three.
    /// </summary>
    public const ulong StreamPairStride = 0x2_9000;

    /// <summary>
    /// How many a space can have mapped: half of that are as many ends as a program with the usual limit of descriptors (1,024) rarely uses at once. Each end
    /// of a pipe, and each socket, has one of the first half; the second stream of a socket lies as far into the second half, whose page tables others do not
    /// need.
    /// </summary>
    public const uint StreamCount = 512;

    /// <summary>Bytes of one half: its pairs, and 5 pages, so that pages of a socket's two streams differ in the last six bits of their numbers.</summary>
    public const ulong StreamsHalf = StreamCount / 4 * StreamPairStride + 0x5000;

    /// <summary>
    /// Ids of all processes, read-only, mapped by the process server for who asks: behind the large pool, in the second half of its stride, where there is a
    /// page table already.
    /// </summary>
    public const ulong PublishedIds = VfsConnection + PoolStride + PoolStride / 2 + 0x2_1000;

    /// <summary>
    /// What vfs shows of open files, docs/files-in-memory.md: between the large pool, which ends below it, and the ids, under the page table of the rings.
    /// Offered and replaced like memory sources.
    /// </summary>
    public const ulong FileArea = VfsConnection + PoolStride + PoolStride / 4 + 0x2_3000;

    /// <summary>
    /// Stretches of open files that programs read without a request, one for each slot of the file area: 16 MiB of address space. Offered and replaced like
    /// memory sources.
    /// </summary>
    public const ulong FileContents = 0x7FFF_B702_C000;

    /// <summary>
    /// Longer stretches of long files, for those that have none of these places to themselves: a program gives them to slots as it needs them. The last GiB
    /// below <see cref="Top"/>, a directory of its own that only such programs have.
    /// </summary>
    public const ulong LongContents = 0x7FFF_C000_0000;

    /// <summary>The same for stretches that programs write without a request: 16 MiB behind those.</summary>
    public const ulong FileWrites = 0x7FFF_B802_E000;

    /// <summary>
    /// Names in public directories and what they stand for, read-only, mapped by vfs for who asks and offers the place: in the second quarter of the
    /// connection's stride, behind all pools.
    /// </summary>
    public const ulong PublishedNames = VfsConnection + ConnectionStride / 4 + 0x2_7000;

    /// <summary>
    /// The boot archive, read-only, and only in servers; so it need not lie in the window, which has no room for it. Above what servers map for themselves and
    /// 16 TiB below what their runtime asks for.
    /// </summary>
    public const ulong BootArchive = 0x7000_0000_0000;

    /// <summary>Longest boot archive in bytes: spans count in 32 bits. A root image (<see cref="BootArchiveHeader.ImageLength"/>) has no such bound.</summary>
    public const ulong BootArchiveLimit = 0x7FFF_F000;

    /// <summary>First byte beyond user space that a program may ever name: Linux' TASK_SIZE on x86-64 with 47 bits.</summary>
    public const ulong Top = 0x7FFF_FFFF_F000;

    /// <summary>Lowest address a region may have: Linux' default mmap_min_addr.</summary>
    public const ulong Lowest = 0x1_0000;

    /// <summary>Where the connection to server <paramref name="server"/> of programs is mapped; vfs is 0.</summary>
    public static ulong ConnectionOf(uint server) => VfsConnection + server * ConnectionStride;

    /// <summary>Where pool <paramref name="number"/>, from 1 on, of the connection to vfs is mapped.</summary>
    public static ulong PoolOf(uint number) => VfsConnection + number * PoolStride;

    /// <summary>Where stream <paramref name="index"/> is mapped.</summary>
    public static ulong StreamOf(uint index)
    {
        const uint half = StreamCount / 2;
        return Streams + index / half * StreamsHalf + index % half / 2 * StreamPairStride + index % 2 * StreamStride;
    }

    /// <summary>Whether a stream is mapped at an address, if at all.</summary>
    public static bool IsStream(ulong address)
    {
        ulong offset = unchecked(address - Streams), place = offset % StreamsHalf;
        return offset < 2 * StreamsHalf && place < StreamCount / 4 * StreamPairStride && (place % StreamPairStride) is 0 or StreamStride;
    }

    /// <summary>Address of the block of thread slot <paramref name="slot"/>.</summary>
    public static ulong ThreadBlockOf(uint slot) => ThreadBlocks + (ulong)slot * 4096;

    /// <summary>Initial stack pointer of thread slot <paramref name="slot"/> (exclusive end of its personality stack).</summary>
    public static ulong StackTopOf(uint slot) => Heap - slot * StackStride;
}

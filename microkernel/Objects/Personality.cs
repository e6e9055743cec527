using Libsys.Abi;

namespace Microkernel;

/// <summary>The personality's image, linked into the kernel: every space maps these very frames.</summary>
internal static unsafe class Personality
{
    /// <summary>The header at the start of the image.</summary>
    public static PersonalityHeader* Header;
    /// <summary>The image as a memory object.</summary>
    public static MemoryObject* Image;

    private static ulong copyStubs;

    /// <summary>Finds and checks the image.</summary>
    public static void Find()
    {
        KernelImage* image = KernelImage.Table;
        ulong start = image->PersonalityStart + (Window.Base - Window.Vdso);
        ulong length = image->PersonalityEnd - start;
        PersonalityHeader* header = (PersonalityHeader*)start;
        Panic.Assert(length >= PhysicalMap.PageSize && header->Magic == PersonalityHeader.MagicValue, "no personality image"u8);
        ulong end = Window.Base + ((length + PhysicalMap.PageMask) & ~PhysicalMap.PageMask);
        bool ordered = Window.Base < header->TextEnd && header->TextEnd <= header->RodataEnd && header->RodataEnd <= header->DataEnd
            && header->DataEnd <= header->BssEnd && header->BssEnd <= Window.KernelPageAddress && header->DataEnd <= end;
        bool aligned = ((start | header->TextEnd | header->RodataEnd | header->DataEnd | header->BssEnd) & PhysicalMap.PageMask) == 0;
        Panic.Assert(ordered && aligned, "bad personality header"u8);
        bool stubs = header->CopyStubCount == 0
            || (header->CopyStubs >= Window.Base && header->CopyStubCount < 4096 && header->CopyStubs + header->CopyStubCount * 24 <= header->RodataEnd);
        Panic.Assert(stubs, "bad copy stub table"u8);
        Header = header;
        copyStubs = start + (header->CopyStubs - Window.Base);
    }

    /// <summary>Makes the memory object, once accounts work.</summary>
    public static void CreateObject()
    {
        ulong start = KernelImage.Table->PersonalityStart - KernelImage.Base;
        Image = MemoryObject.Create(Accounts.Root, MemoryKind.Physical, Header->DataEnd - Window.Vdso, start);
        Panic.Assert(Image != null, "no memory for the personality"u8);
    }

    /// <summary>Where a fault in a copy stub continues, 0: the address is in none.</summary>
    public static ulong RecoveryOf(ulong rip)
    {
        ulong* entry = (ulong*)copyStubs;
        for (ulong i = 0; i < Header->CopyStubCount; i++, entry += 3)
            if (rip >= entry[0] && rip < entry[1])
                return entry[2];
        return 0;
    }
}

/// <summary>The page that every space can read.</summary>
internal static unsafe class PublishedPage
{
    public static KernelPage* Page;
    public static MemoryObject* Object;

    /// <summary>Takes a zeroed frame.</summary>
    public static void Initialize(ulong frame) => Page = (KernelPage*)PhysicalMap.At(frame);

    /// <summary>Makes the memory object, once accounts work.</summary>
    public static void CreateObject()
    {
        Object = MemoryObject.Create(Accounts.Root, MemoryKind.Physical, PhysicalMap.PageSize, PhysicalMap.Of(Page));
        Panic.Assert(Object != null, "no memory for the kernel page"u8);
    }
}

/// <summary>The root account: all memory.</summary>
internal static unsafe class Accounts
{
    public static Account* Root;

    // Handles cost 32 bytes of a charged frame each; this only bounds the counter.
    private const ulong RootHandles = 1ul << 32;

    /// <summary>Takes zeroed room for the root account, limited by the memory there is.</summary>
    public static void Initialize(void* room, ulong frames)
    {
        Root = (Account*)room;
        Root->Header.Type = ObjectType.Account;
        Root->Header.References = 1;
        Root->Frames.Limit = frames;
        Root->Handles.Limit = RootHandles;
        Root->PriorityCap = (ushort)(Scheduler.Priorities - 1);
    }
}

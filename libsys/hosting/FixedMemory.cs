using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>What is mapped at fixed places in every server.</summary>
public static class FixedMemory
{
    /// <summary>Entry points of the personality. The image is the same in every space, so these hold in all of them.</summary>
    public static PersonalityHeader Personality => MappedMemory.FixedView(Window.Base, 4096).Read<PersonalityHeader>(0);

    /// <summary>The boot archive, read-only.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static MappedMemory BootArchive
    {
        get
        {
            BootArchiveHeader header = MappedMemory.FixedView(Window.BootArchive, Libsys.Abi.BootArchive.HeaderSize).Read<BootArchiveHeader>(0);
            if (header.Magic != Libsys.Abi.BootArchive.Magic || header.TotalLength > int.MaxValue)
                throw new InvalidDataException("boot archive: no valid header");
            return MappedMemory.FixedView(Window.BootArchive, header.TotalLength);
        }
    }
}

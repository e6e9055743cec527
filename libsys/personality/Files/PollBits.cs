using System.Runtime.CompilerServices;

namespace Libsys.Personality;

/// <summary>What select(2) means in the bits of poll(2), "Correspondence between select() and poll() notifications".</summary>
internal static class PollBits
{
    /// <summary>Asked for by select's first set.</summary>
    public const ushort ReadWanted = PollEvents.In | PollEvents.ReadNormal | PollEvents.ReadBand;
    /// <summary>Makes a descriptor readable.</summary>
    public const ushort ReadFound = ReadWanted | PollEvents.HangUp | PollEvents.Error;
    /// <summary>Asked for by select's second set.</summary>
    public const ushort WriteWanted = PollEvents.Out | PollEvents.WriteNormal | PollEvents.WriteBand;
    /// <summary>Makes it writable.</summary>
    public const ushort WriteFound = WriteWanted | PollEvents.Error;
    /// <summary>Asked for and found by the third set.</summary>
    public const ushort ExceptionBits = PollEvents.Priority;

    /// <summary>Events to ask for, from membership in select's three sets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort FromSelect(bool read, bool write, bool exception) =>
        (ushort)((read ? ReadWanted : 0) | (write ? WriteWanted : 0) | (exception ? ExceptionBits : 0));
}

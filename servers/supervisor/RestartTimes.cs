using System.Globalization;

namespace Servers.Supervisor;

/// <summary>How long a restart took: microseconds after the failure, where that is known, else after it was noticed. 0: that is not known.</summary>
/// <param name="Generation">The successor.</param>
/// <param name="Noticed">Until the supervisor knew.</param>
/// <param name="Quiesced">Until the device was cut off from memory (drivers; the successor's word).</param>
/// <param name="Ready">Until the successor was ready.</param>
/// <param name="First">Until its first output or answer (drivers; the successor's word).</param>
internal readonly record struct RestartTimes(uint Generation, uint Noticed, uint Quiesced, uint Ready, uint First)
{
    private const ulong NanosecondsPerMicrosecond = 1000;

    /// <summary>Microseconds from one time to a later one, at least 1; 0 if there was no later one.</summary>
    public static uint Between(ulong from, ulong to) =>
        to < from || to == 0 ? 0 : (uint)Math.Clamp((to - from) / NanosecondsPerMicrosecond, 1, uint.MaxValue);

    /// <summary>For the log.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"noticed {Noticed} us, {(Quiesced > 0 ? $"device cut off {Quiesced} us, " : "")}ready {Ready} us{(First > 0 ? $", first output {First} us" : "")}");
}

using System.Runtime;

namespace Libsys.Personality;

/// <summary>What the core library asks of every image: memory for `new`, and an end for failed checks.</summary>
internal static unsafe class ImageSupport
{
    [RuntimeExport("image_allocate")]
    private static void* Allocate(nuint size) => PersonalityHeap.Allocate(size);

    // A failed check inside the personality is a bug of ours: an undefined instruction inside the window makes the kernel report and end the space.
    [RuntimeExport("personality_fail_fast")]
    private static void FailFast(int code, ulong address) => Stubs.Stop();
}

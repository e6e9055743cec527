namespace Libsys.Messages;

/// <summary>
/// The label of a mapping (<see cref="Abi.KernelCall.SpaceMap"/>) that is an attached System V segment: vfs gives it, the personality finds by it what
/// shmdt(2) takes away. Labels of other files are below <see cref="Mark"/>. docs/system-v-ipc.md.
/// </summary>
public static class SegmentLabel
{
    /// <summary>Set in all of them. The other bits are the segment's id.</summary>
    public const uint Mark = 0x8000_0000;
}

namespace Libsys.Personality;

/// <summary>Open descriptors of a process. Owned by the files part.</summary>
internal unsafe struct DescriptorTable
{
    /// <summary>Processes that share the table (CLONE_FILES).</summary>
    public int References;
}

namespace Servers.Vfs.SystemV;

/// <summary>A segment, a set of semaphores or a queue of messages: what svipc(7) says of all three.</summary>
public abstract class SystemVObject(Permission permission)
{
    /// <summary>Who may what.</summary>
    public Permission Permission { get; } = permission;

    /// <summary>What programs know it by; given by its table.</summary>
    public int Id { get; internal set; }

    /// <summary>It was removed: who still has it from before finds nothing in it.</summary>
    public bool IsGone { get; internal set; }

    /// <summary>Its place in the table.</summary>
    public int Place => Id % SystemVNumbers.Places;

    /// <summary>The other part of its id.</summary>
    public int Sequence => Id / SystemVNumbers.Places;
}

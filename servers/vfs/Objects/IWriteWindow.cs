namespace Servers.Vfs.Objects;

/// <summary>Pages of a file as one program may write them: docs/files-in-memory.md.</summary>
public interface IWriteWindow
{
    /// <summary>Ends it: nothing can be written through it when this has returned, wherever the program has it mapped.</summary>
    void Destroy();
}

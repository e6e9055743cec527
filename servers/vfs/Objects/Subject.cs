namespace Servers.Vfs.Objects;

/// <summary>
/// Who acts on files, as far as names and permissions go: credentials(7). That it is a process, with handles and a session, is known to those who ask
/// <c>Processes</c> for it.
/// </summary>
public abstract class Subject
{
    /// <summary>Somebody; <paramref name="context"/> is its own or shared.</summary>
    protected Subject(FileSystemContext context, Credentials credentials)
    {
        Context = context;
        Credentials = credentials;
    }

    /// <summary>Root and working directory.</summary>
    public FileSystemContext Context { get; set; }

    /// <summary>Who it is.</summary>
    public Credentials Credentials { get; set; }
}

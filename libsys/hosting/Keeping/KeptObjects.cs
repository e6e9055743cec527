using System.Text;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Hosting.Keeping;

/// <summary>What the supervisor answered.</summary>
public enum KeepStatus
{
    /// <summary>Done.</summary>
    Ok,
    /// <summary>The name stands for nothing.</summary>
    NotFound,
    /// <summary>The name is empty, too long or not printable ASCII, or the number of handles is not 1 to 4.</summary>
    BadArgument,
    /// <summary>A handle cannot be duplicated, and so not handed on.</summary>
    NoRight,
    /// <summary>The server has all the names that it may have.</summary>
    NoRoom,
    /// <summary>The caller has not taken its predecessor's place yet.</summary>
    NotNow,
    /// <summary>The call itself failed: a bad handle, or no room for handles in either table.</summary>
    Failed,
}

/// <summary>
/// Objects that the supervisor keeps for the next process of this server, under names (docs/keeping.md). Each call has happened wholly or not at all.
/// </summary>
public sealed class KeptObjects(EndpointHandle supervisor)
{
    /// <summary>Most handles of a name.</summary>
    public const int MostHandles = 4;

    /// <summary>The name stands for duplicates of these handles from now on, instead of what it stood for.</summary>
    public KeepStatus Keep(string name, params ReadOnlySpan<KernelHandle> handles)
    {
        if (handles.Length is 0 or > MostHandles)
            return KeepStatus.BadArgument;
        Message message = default;
        message.HandleCount = (uint)handles.Length;
        for (int index = 0; index < handles.Length; index++)
        {
            message.Handles[index] = handles[index].Index;
            message.Rights[index] = (uint)Rights.All;
        }

        return Call(SupervisorOperation.Keep, name, ref message);
    }

    /// <summary>Duplicates of what the name stands for, in the order in which they were kept. They are the caller's; the supervisor keeps its own.</summary>
    /// <param name="name">The name.</param>
    /// <param name="handles">Takes them; room for <see cref="MostHandles"/>.</param>
    /// <param name="count">How many there are.</param>
    public KeepStatus TryFind(string name, Span<KernelHandle> handles, out int count)
    {
        Message message = default;
        KeepStatus status = Call(SupervisorOperation.Find, name, ref message);
        count = status == KeepStatus.Ok ? (int)Math.Min(message.HandleCount, MostHandles) : 0;
        for (int index = 0; index < count; index++)
            handles[index] = new KernelHandle(message.Handles[index]);
        return status;
    }

    /// <summary>All names, in the order of their bytes.</summary>
    public List<string> Names()
    {
        var names = new List<string>();
        Span<byte> bytes = stackalloc byte[ServerName.LongestName];
        for (string last = "";;)
        {
            Message message = default;
            if (Call(SupervisorOperation.NextName, last, ref message) != KeepStatus.Ok)
                return names;
            names.Add(last = Encoding.UTF8.GetString(bytes[..ServerName.Read(in message, bytes)]));
        }
    }

    /// <summary>The name stands for nothing any more.</summary>
    public KeepStatus Release(string name)
    {
        Message message = default;
        return Call(SupervisorOperation.Release, name, ref message);
    }

    private KeepStatus Call(SupervisorOperation operation, string name, ref Message message)
    {
        message.Words[0] = (ulong)operation;
        if (!ServerName.TryWrite(ref message, Encoding.UTF8.GetBytes(name)) && (name.Length > 0 || operation != SupervisorOperation.NextName))
            return KeepStatus.BadArgument;
        KernelStatus status = supervisor.Call(ref message);
        if (status == KernelStatus.NoRight)
            return KeepStatus.NoRight;
        return status != KernelStatus.Ok ? KeepStatus.Failed : (long)message.Words[0] switch
        {
            KeepError.None => KeepStatus.Ok,
            KeepError.NoSuchName => KeepStatus.NotFound,
            KeepError.NoRight => KeepStatus.NoRight,
            KeepError.NoRoom => KeepStatus.NoRoom,
            KeepError.NotNow => KeepStatus.NotNow,
            _ => KeepStatus.BadArgument,
        };
    }
}

using Libsys.Messages;

namespace Servers.Vfs.Machine;

/// <summary>The names that uname(2) shows and root may change: this machine's, and its NIS domain's.</summary>
public sealed class HostNames
{
    /// <summary>The machine's name.</summary>
    public HostName Host { get; } = new();

    /// <summary>The NIS domain's name.</summary>
    public HostName Domain { get; } = new();
}

/// <summary>One name, at most <see cref="SystemName.Longest"/> bytes.</summary>
public sealed class HostName
{
    // Filled with NUL: there is always one behind the name.
    private readonly byte[] bytes = new byte[SystemName.Field];

    /// <summary>A name that nobody has set.</summary>
    public HostName() => SystemName.Unset.CopyTo(bytes);

    /// <summary>The whole field, as struct utsname has it.</summary>
    public ReadOnlySpan<byte> Field => bytes;

    /// <summary>The name.</summary>
    public ReadOnlySpan<byte> Text => Field[..bytes.AsSpan().IndexOf((byte)0)];

    /// <summary>sethostname(2). A NUL within stays, as Linux keeps it.</summary>
    public void Set(ReadOnlySpan<byte> name)
    {
        bytes.AsSpan().Clear();
        name[..Math.Min(name.Length, SystemName.Longest)].CopyTo(bytes);
    }

    /// <summary>
    /// A write to the file under /proc/sys: what lies before <paramref name="offset"/> stays, a line break or NUL ends the name, and what is too long is cut.
    /// Behind the name's end nothing is written (kernel.sysctl_writes_strict = 1).
    /// </summary>
    public void Write(ReadOnlySpan<byte> data, long offset)
    {
        if (offset > Text.Length)
            return;
        Span<byte> rest = bytes.AsSpan((int)offset);
        int end = data.IndexOfAny((byte)0, (byte)'\n');
        ReadOnlySpan<byte> name = end < 0 ? data : data[..end];
        rest.Clear();
        name[..Math.Min(name.Length, rest.Length - 1)].CopyTo(rest);
    }
}

using Libsys.Hosting;
using Libsys.Messages;
using Libsys.Rings;
using Servers.Vfs.Processes;
using Servers.Vfs.Requests;

namespace Servers.Vfs.Hosting;

/// <summary>A program's connection: its rings served by the event loop.</summary>
internal sealed class ClientChannel : IClientChannel
{
    private readonly KernelClientSpace space;

    /// <summary>A channel without a connection yet: see <see cref="Server"/>.</summary>
    public ClientChannel(KernelClientSpace space) => this.space = space;

    /// <summary>The rings; set once, right after they were attached.</summary>
    public ConnectionServer Server { get; set; } = null!;

    /// <summary>What the registry knows the connection as.</summary>
    public ClientConnection Connection { get; set; } = null!;

    /// <inheritdoc/>
    public Span<byte> Pool(uint number) => Server.Pool(number);

    /// <inheritdoc/>
    public Span<byte> DescriptorTable =>
        Server.IsOpen ? Server.Area.Slice((int)VfsLimits.DescriptorTable - RingLayout.Area, VfsLimits.DescriptorTableEntries * sizeof(ushort)) : default;

    /// <inheritdoc/>
    public IClientSpace Space => space;

    /// <inheritdoc/>
    public void Complete(ulong tag, long result, ulong v0, ulong v1, ulong v2) => Server.Complete(tag, result, v0, v1, v2);

    /// <summary>Lets everything go.</summary>
    public void Close()
    {
        Server.Close();
        space.Close();
    }
}

namespace Servers.Vfs.Processes;

/// <summary>A client's shared memory and the way to answer it. Everything in a pool may change at any time.</summary>
public interface IClientChannel
{
    /// <summary>A pool for payload; empty if the connection has none of that number.</summary>
    Span<byte> Pool(uint number);

    /// <summary>The descriptor table that the client publishes for /proc; untrusted.</summary>
    Span<byte> DescriptorTable { get; }

    /// <summary>The client's address space.</summary>
    IClientSpace Space { get; }

    /// <summary>Sends an answer: a value or −errno, and further results.</summary>
    void Complete(ulong tag, long result, ulong v0, ulong v1, ulong v2);
}

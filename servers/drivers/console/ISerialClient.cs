using Libsys.Rings;

namespace Servers.Drivers.Console;

/// <summary>Who sends requests: its shared memory and the way to answer.</summary>
public interface ISerialClient
{
    /// <summary>The buffer that a request named; empty if it is not inside a pool. The client may change it at any time.</summary>
    Span<byte> Buffer(in Submission request);

    /// <summary>Answers.</summary>
    void Complete(in Completion completion);
}

using Libsys.Rings;

namespace Servers.Drivers.Console.Terminals;

/// <summary>Who sent a request: its shared memory and the way to answer.</summary>
public interface IConsoleClient
{
    /// <summary>The buffer that a request named; empty if it is not inside the pool.</summary>
    Span<byte> Buffer(uint offset, uint length);

    /// <summary>Answers.</summary>
    void Complete(in Completion completion);
}

/// <summary>Where signals go.</summary>
public interface ISignalTarget
{
    /// <summary>Sends a signal to a process group.</summary>
    void Signal(uint group, int number);
}

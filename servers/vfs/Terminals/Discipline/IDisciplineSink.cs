namespace Servers.Vfs.Terminals;

/// <summary>What a line discipline causes.</summary>
public interface IDisciplineSink
{
    /// <summary>Echo, as it goes to the line.</summary>
    void Echo(byte value);

    /// <summary>A signal for the foreground process group.</summary>
    void Signal(int number);

    /// <summary>Output stops (^S) or goes on.</summary>
    void OutputStopped(bool isStopped);

    /// <summary>A read may get more than before.</summary>
    void InputArrived();

    /// <summary>Output that was not sent yet is to be dropped (^C and the like).</summary>
    void FlushOutput();
}

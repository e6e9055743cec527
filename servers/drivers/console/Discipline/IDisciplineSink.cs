namespace Servers.Drivers.Console.Discipline;

/// <summary>What a line discipline causes.</summary>
public interface IDisciplineSink
{
    /// <summary>Echo, as it goes to the line.</summary>
    void Echo(byte value);

    /// <summary>A signal for the foreground process group.</summary>
    void Signal(int number);

    /// <summary>Output is to stop (^S) or to go on.</summary>
    void StopOutput(bool stop);

    /// <summary>Output that was not sent yet is to be dropped (^C and the like).</summary>
    void FlushOutput();
}

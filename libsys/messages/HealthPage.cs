namespace Libsys.Messages;

/// <summary>
/// A page that a server shares with the supervisor: signs of life, and what a crash report tells about its last moments. The supervisor believes none of it
/// beyond that: a server that lies here harms the report about itself. It outlives the server's process.
/// </summary>
public static class HealthPage
{
    /// <summary>Bytes of the page.</summary>
    public const int Length = 4096;
    /// <summary>u32, written by the supervisor: number of the last heartbeat that it asked for.</summary>
    public const int Ping = 0x000;
    /// <summary>u32: number of the last heartbeat that the server's loop has answered.</summary>
    public const int Answered = 0x040;
    /// <summary>u64: nanoseconds since boot of the generation's first output or answer, 0 if there was none (drivers).</summary>
    public const int FirstOutput = 0x048;
    /// <summary>u32: <see cref="InjectedFault"/> that the supervisor wants to see, until the server takes it; 0: none.</summary>
    public const int Fault = 0x050;
    /// <summary>u64: nanoseconds since boot when the server committed that fault; 0: it has not.</summary>
    public const int FaultAt = 0x058;
    /// <summary>u64: nanoseconds since boot when the generation's device was cut off from memory, the last of several; 0: it has none (drivers).</summary>
    public const int QuiescedAt = 0x060;
    /// <summary>u32: free-running number of the operations noted.</summary>
    public const int OperationCount = 0x080;
    /// <summary>Ring of the last operations that the server began to serve.</summary>
    public const int Operations = 0x100;
    /// <summary>Operations kept.</summary>
    public const int OperationSlots = 32;
    /// <summary>Bytes each: u64 time, u32 <see cref="OperationSource"/>, u32 operation, two u64 arguments.</summary>
    public const int OperationLength = 32;
    /// <summary>u32: bytes of <see cref="Text"/>.</summary>
    public const int TextLength = 0x500;
    /// <summary>u32: addresses in <see cref="Frames"/>.</summary>
    public const int FrameCount = 0x504;
    /// <summary>UTF-8: the unexpected exception that ended the server.</summary>
    public const int Text = 0x510;
    /// <summary>Most bytes of it.</summary>
    public const int LongestText = Frames - Text;
    /// <summary>u64 each: code addresses of the exception's stack trace, innermost first.</summary>
    public const int Frames = 0xE00;
    /// <summary>Most of them.</summary>
    public const int MostFrames = 64;
}

/// <summary>Where an operation came from.</summary>
public enum OperationSource : uint
{
    /// <summary>A request of a connection's ring: slot's operation, A0, A1.</summary>
    Ring = 1,
    /// <summary>A message of an endpoint: word 0, badge, word 1.</summary>
    Endpoint = 2,
}

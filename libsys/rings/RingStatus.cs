namespace Libsys.Rings;

/// <summary>Result of taking something from a ring.</summary>
public enum RingStatus
{
    /// <summary>One slot was taken.</summary>
    Taken,

    /// <summary>Nothing is there now.</summary>
    Empty,

    /// <summary>The peer broke the protocol. The connection must be closed; nothing else is affected.</summary>
    Violation,
}

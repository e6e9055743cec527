namespace Microkernel;

/// <summary>What a call's method returns besides results and statuses.</summary>
internal static class CallResult
{
    /// <summary>The thread waits (or has ended); rax is set when it is woken.</summary>
    public const long Blocked = long.MinValue;
    /// <summary>Not done yet: the thread executes the call again with the arguments in its frame, so that interrupts and others get in.</summary>
    public const long Restart = long.MinValue + 1;
    /// <summary>The registers are set already; nothing goes to rax.</summary>
    public const long Done = long.MinValue + 2;
}

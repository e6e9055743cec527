namespace Libsys.Abi;

/// <summary>Result of a kernel call: 0 or a positive value on success, one of these otherwise. Nothing else has happened then.</summary>
public enum KernelStatus : long
{
    /// <summary>Done.</summary>
    Ok = 0,
    /// <summary>No such call number.</summary>
    UnknownCall = -1,
    /// <summary>No such handle, or one of another type.</summary>
    BadHandle = -2,
    /// <summary>The handle lacks a right.</summary>
    NoRight = -3,
    /// <summary>An argument is out of range, misaligned or contradicts another.</summary>
    BadArgument = -4,
    /// <summary>The range overlaps an existing region, or the slot is taken.</summary>
    Occupied = -5,
    /// <summary>No region there.</summary>
    NotMapped = -6,
    /// <summary>The account's limit, or physical memory, is exhausted.</summary>
    NoMemory = -7,
    /// <summary>The handle table is full.</summary>
    NoHandle = -8,
    /// <summary>The wait was ended by an interrupt, or the pending flag was set.</summary>
    Interrupted = -9,
    /// <summary>The deadline passed.</summary>
    TimedOut = -10,
    /// <summary>The word differs from the expected value, or a non-blocking call would have to wait.</summary>
    WouldBlock = -11,
    /// <summary>The other side is gone: the caller cancelled or died, the object was destroyed.</summary>
    PeerGone = -12,
    /// <summary>A user address given as a word could not be read.</summary>
    Fault = -13,
    /// <summary>The object is in a state that does not allow the call.</summary>
    BadState = -14,
}

using Libsys.Abi;

namespace Servers.Supervisor;

/// <summary>Puts a fault message in words.</summary>
internal static class FaultText
{
    /// <summary>Cause, address and registers of a <see cref="MessageKind.Fault"/>.</summary>
    public static string Of(in Message fault)
    {
        ulong vector = fault.Words[0];
        string cause = vector switch
        {
            0 => "divide error",
            3 => "breakpoint",
            6 => "invalid instruction",
            13 => "general protection fault",
            14 => $"page fault ({Access(fault.Words[1])}) at 0x{fault.Words[2]:x}",
            16 or 19 => "floating-point exception",
            17 => "alignment check",
            _ => $"exception {vector}",
        };
        return $"{cause}, error code 0x{fault.Words[1]:x}, rip 0x{fault.Words[3]:x}, rsp 0x{fault.Words[4]:x}, thread {fault.Slot}";
    }

    // Error code of a page fault: SDM vol. 3 §4.7.
    private static string Access(ulong error) =>
        ((error & 16) != 0 ? "fetch" : (error & 2) != 0 ? "write" : "read") + ((error & 1) != 0 ? ", protection" : ", not mapped");
}

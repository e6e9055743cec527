namespace Libsys.Abi;

/// <summary>The kernel's buffer of its log, which <see cref="KernelCall.LogRead"/> reads.</summary>
public static class LogBuffer
{
    /// <summary>Bytes of the log that are kept: some hundred lines, which is a boot and what led to a failure.</summary>
    public const int Capacity = 64 * 1024;
}

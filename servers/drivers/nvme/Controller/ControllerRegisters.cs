namespace Servers.Drivers.Nvme.Controller;

/// <summary>Registers of a controller: NVMe 1.4 §3.1, offsets in its first base address register.</summary>
internal static class ControllerRegisters
{
    /// <summary>
    /// Capabilities (§3.1.1, u64), configuration (§3.1.5), status (§3.1.6), and of the admin queues lengths and addresses (§3.1.8–10; the addresses u64).
    /// </summary>
    public const ulong Capabilities = 0x00, Configuration = 0x14, Status = 0x1C, AdminQueueLengths = 0x24, AdminSubmission = 0x28, AdminCompletion = 0x30;

    /// <summary>Where the doorbells begin (§3.1.24), which is where the registers end.</summary>
    public const ulong Doorbells = 0x1000;

    /// <summary>Most entries of a queue less one; time to become ready, in half seconds; stride of the doorbells; smallest page.</summary>
    public const int MostEntriesBits = 16, TimeoutShift = 24, StrideShift = 32, LeastPageShift = 48;

    /// <summary>The controller has the NVM command set.</summary>
    public const ulong HasNvmCommands = 1ul << 37;

    /// <summary>
    /// Configuration of a controller that works: enabled, with entries of 2⁶ bytes for commands and of 2⁴ for completions, pages of 4,096 bytes, the NVM
    /// command set, round robin.
    /// </summary>
    public const uint Working = Enable | 6u << 16 | 4u << 20;

    /// <summary>Bit of the configuration: the controller is to work.</summary>
    public const uint Enable = 1;

    /// <summary>Bits of the status: ready, and failed for good until it is reset.</summary>
    public const uint Ready = 1, HasFailed = 2;
}

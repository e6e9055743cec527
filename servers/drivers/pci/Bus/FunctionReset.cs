namespace Servers.Drivers.Pci.Bus;

/// <summary>How a function can be reset without its driver.</summary>
public enum ResetMethod
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Function-level reset: PCI Express Base 5.0 §6.6.2.</summary>
    FunctionLevel,

    /// <summary>The same by the capability of advanced features, of functions that are none of PCI Express.</summary>
    AdvancedFeatures,

    /// <summary>To D3hot and back: PCI Power Management 1.2 §5.4.1, where that loses the function's state.</summary>
    PowerState,
}

/// <summary>
/// Resets a function that its driver cannot reset, and gives it back what it answers at. It is cut off before and afterwards: what it was told of memory and
/// interrupts is gone, and messages have to be set anew.
/// </summary>
/// <param name="function">The function, whose ranges are known.</param>
/// <param name="wait">Waits for milliseconds.</param>
public sealed class FunctionReset(Function function, Action<int> wait)
{
    // A function has so long for its reset, §6.6.2; until then nothing of it is touched. Requests of it that are on their way get as long before.
    private const int ResetTime = 100;

    // From then on it may ask for more time (configuration request retry status, §2.3.1), up to a second in all.
    private const int LongestReset = 1000, Step = 10;

    // Between power states, PCI Power Management 1.2 §5.6.1.
    private const int PowerTime = 10;

    private const uint NoDevice = uint.MaxValue;

    /// <summary>The first of its ways, in the order of what they leave nothing of.</summary>
    public ResetMethod Method
    {
        get
        {
            if (At(Registers.ExpressCapability) is > 0 and int express
                && (function.Read(express + Registers.DeviceCapabilities) & Registers.CanResetFunction) != 0)
            {
                return ResetMethod.FunctionLevel;
            }

            if (At(Registers.AdvancedFeaturesCapability) is > 0 and int features && (function.Read(features) & Registers.AdvancedCanReset) != 0)
                return ResetMethod.AdvancedFeatures;
            return At(Registers.PowerCapability) is > 0 and int power && (function.Read(power + Registers.PowerControl) & Registers.NoSoftReset) == 0
                ? ResetMethod.PowerState : ResetMethod.None;
        }
    }

    /// <summary>Resets it. False: it has no way to be, or is not there afterwards as it was before; then it does not answer at its registers.</summary>
    public bool TryReset()
    {
        ResetMethod method = Method;
        // One that does not obey is the reason to be here.
        function.TryCutOff();
        if (method == ResetMethod.None)
            return false;
        (int Offset, uint Word)[] kept = Keep();
        switch (method)
        {
            case ResetMethod.FunctionLevel:
                int express = At(Registers.ExpressCapability) + Registers.DeviceControl;
                Settle(express, Registers.TransactionsPending);
                function.Write(express, function.Read(express) & Registers.CommandMask | Registers.ResetFunction);
                wait(ResetTime);
                break;
            case ResetMethod.AdvancedFeatures:
                int features = At(Registers.AdvancedFeaturesCapability);
                if ((function.Read(features) & Registers.TellsPending) != 0)
                    Settle(features + Registers.AdvancedControl, Registers.AdvancedPending);
                function.Write(features + Registers.AdvancedControl, Registers.AdvancedReset);
                wait(ResetTime);
                break;
            default:
                int power = At(Registers.PowerCapability) + Registers.PowerControl;
                uint state = function.Read(power) & Registers.CommandMask & ~(Registers.PowerStateMask | Registers.PowerEvent);
                function.Write(power, state | Registers.PowerOff);
                wait(PowerTime);
                function.Write(power, state);
                wait(PowerTime);
                break;
        }

        return TryRestore(kept);
    }

    private int At(int capability) => function.FindCapability(capability);

    private void Settle(int offset, uint pending)
    {
        for (int waited = 0; waited < ResetTime && (function.Read(offset) & pending) != 0; waited += Step)
            wait(Step);
    }

    // Configuration that is neither the driver's nor known otherwise. A function that is not there has none to keep.
    private (int Offset, uint Word)[] Keep()
    {
        var offsets = new List<int> { Registers.CacheLine, Registers.InterruptLine };
        if (At(Registers.ExpressCapability) is > 0 and int express)
        {
            offsets.Add(express + Registers.DeviceControl);
            if ((function.Read(express) & Registers.ExpressVersionMask) >= Registers.SecondExpressVersion)
                offsets.Add(express + Registers.SecondDeviceControl);
        }

        return [.. offsets.Select(offset => (offset, function.Read(offset))).Where(static word => word.Item2 != NoDevice)];
    }

    private bool TryRestore((int Offset, uint Word)[] kept)
    {
        uint identity = (uint)function.Device << 16 | function.Vendor;
        for (int waited = ResetTime; function.Read(Registers.Identity) != identity; waited += Step)
        {
            if (waited >= LongestReset)
                return false;
            wait(Step);
        }

        // Status above control is cleared by ones, so zeros are written there. Nothing is reset again.
        foreach ((int offset, uint word) in kept)
            function.Write(offset, offset is Registers.CacheLine or Registers.InterruptLine ? word : word & Registers.CommandMask & ~Registers.ResetFunction);
        return function.TryWriteRanges() && function.TryCutOff();
    }
}

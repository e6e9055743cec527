using System.Globalization;
using Libsys.Abi;
using Libsys.Hosting.Keeping;
using Libsys.Messages;

namespace Libsys.Hosting.Devices;

/// <summary>
/// Which devices of a driver are to ignore their ordinary reset (<see cref="InjectedFault.Stuck"/>, <see cref="InjectedFault.Dead"/>). A driver commits the
/// fault and its successor meets it, so names that the supervisor keeps say it, and stand for nothing else. A driver that may keep nothing has none.
/// </summary>
public sealed class IgnoredResets(ServerContext context)
{
    private readonly KeptObjects objects = new(context.Supervisor);

    /// <summary>The device of a function ignores its next reset, or all. False: the driver may not keep that.</summary>
    public bool TryInject(uint address, bool isForGood)
    {
        KernelHandle account = context.FindHandle("kept");
        if (!account.IsValid || NotificationHandle.TryCreate(out NotificationHandle mark, new AccountHandle(account.Index)) != KernelStatus.Ok)
            return false;
        KeepStatus status = objects.Keep(Name(address, isForGood), mark.Handle);
        mark.Handle.Close();
        return status == KeepStatus.Ok;
    }

    /// <summary>The reset that the driver is about to do does not reach the device.</summary>
    public bool Take(uint address)
    {
        if (!context.FindHandle("kept").IsValid)
            return false;
        List<string> names = objects.Names();
        return names.Contains(Name(address, isForGood: true))
            || (names.Contains(Name(address, isForGood: false)) && objects.Release(Name(address, isForGood: false)) == KeepStatus.Ok);
    }

    private static string Name(uint address, bool isForGood) =>
        string.Create(CultureInfo.InvariantCulture, $"reset.{(isForGood ? "never" : "not.next")}.{address:x4}");
}

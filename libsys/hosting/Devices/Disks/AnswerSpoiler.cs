using Libsys.Messages;

namespace Libsys.Hosting.Devices.Disks;

/// <summary>Answers one request as a driver with a bug would: <see cref="InjectedFault.Drop"/> and those behind it.</summary>
internal sealed class AnswerSpoiler(ConnectionServer rings, EventLoop loop, InjectedFault fault)
{
    // Nanoseconds; more than a client waits before it asks, and less than a person notices.
    private const int LeastDelay = 1_000_000, MostDelay = 50_000_000;

    private const long InputOutputError = -5; // −EIO

    private readonly Random random = new(HashCode.Combine(fault, SystemClock.Now));

    /// <summary>Answers, in its way; calls <paramref name="ended"/> when the server holds the request no more.</summary>
    public void Complete(ulong tag, long result, Action ended)
    {
        if (fault != InjectedFault.Delay)
            ended();
        switch (fault)
        {
            case InjectedFault.Drop:
                break;
            case InjectedFault.Double:
                rings.Complete(tag, result);
                rings.Complete(tag, result);
                break;
            case InjectedFault.Delay:
                LoopTimer late = loop.CreateTimer(() =>
                {
                    ended();
                    rings.Complete(tag, result);
                });
                late.Set(SystemClock.Now + (ulong)random.Next(LeastDelay, MostDelay));
                break;
            default:
                Corrupt(tag, result);
                break;
        }
    }

    private void Corrupt(ulong tag, long result)
    {
        switch (random.Next(4))
        {
            case 0:
                rings.Complete(tag, random.NextInt64(long.MinValue, long.MaxValue));
                break;
            case 1:
                rings.Complete(tag, InputOutputError);
                break;
            case 2:
                rings.Complete(tag ^ 1ul << random.Next(64), result);
                break;
            default:
                rings.Complete(tag, result + random.Next(1, 4096));
                break;
        }
    }
}

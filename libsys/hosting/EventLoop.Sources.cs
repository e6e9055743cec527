using System.Numerics;
using Libsys.Abi;

namespace Libsys.Hosting;

// Sources come and go, each with bits of the notification.
public sealed partial class EventLoop
{
    /// <summary>Adds a source and gives it a bit. It is looked at once soon, so that nothing that came earlier is missed.</summary>
    public void Add(EventSource source)
    {
        Add(source, 1ul << ChooseBit(sourcesByBit));
    }

    /// <summary>A bit that no source has; else that of the shared ones which the fewest have.</summary>
    internal static int ChooseBit(ReadOnlySpan<List<EventSource>> sourcesByBit)
    {
        int best = OwnBits;
        for (int bit = 0; bit < SharedEnd; bit++)
        {
            if (sourcesByBit[bit] is not { Count: > 0 } sources)
                return bit;
            if (bit > OwnBits && sources.Count < sourcesByBit[best].Count)
                best = bit;
        }

        return best;
    }

    /// <summary>Adds a source for bits that the supervisor bound.</summary>
    public void Add(EventSource source, ulong bits)
    {
        source.Bits = bits;
        source.IsAttached = true;
        for (; bits != 0; bits &= bits - 1)
            (sourcesByBit[BitOperations.TrailingZeroCount(bits)] ??= []).Add(source);

        MakeHot(source);
    }

    /// <summary>Adds an interrupt's handler, which acknowledges when the device is served.</summary>
    public void Add(Interrupt interrupt, Action handler) => Add(new SignalSource(handler), interrupt.Bits);

    /// <summary>Adds a handler for a bit of the loop's notification, which is returned. It is called once soon, as that of an interrupt.</summary>
    public ulong Add(Action handler)
    {
        var source = new SignalSource(handler);
        Add(source);
        return source.Bits;
    }

    /// <summary>
    /// Adds an endpoint: the handler is called for each call that arrives, and for what the kernel sends if it takes that too (it must look at the kind); else
    /// the loop refuses it.
    /// </summary>
    public void Add(EndpointHandle endpoint, MessageHandler handler, bool fromKernel = false)
    {
        var source = new EndpointSource(this, endpoint, handler, fromKernel);
        Add(source);
        KernelStatus status = endpoint.Bind(Notification, source.Bits);
        if (status != KernelStatus.Ok)
            throw new InvalidOperationException("event loop: endpoint cannot be bound: " + status);
    }

    /// <summary>Takes a source out.</summary>
    public void Remove(EventSource source)
    {
        source.IsAttached = false;
        for (ulong bits = source.Bits; bits != 0; bits &= bits - 1)
            sourcesByBit[BitOperations.TrailingZeroCount(bits)]?.Remove(source);
    }
}

using System.Runtime.CompilerServices;
using Libsys.Rings;

namespace Servers.Vfs.Hosting;

/// <summary>Takes the answer of a request to another server.</summary>
internal delegate void TakeCompletion(in Completion completion);

/// <summary>One request on its way to another server: made once for each, so that sending allocates nothing.</summary>
internal sealed class RingFlight
{
    private readonly TakeCompletion finish;
    private readonly Action completed;
    private ValueTaskAwaiter<Completion> awaiter;

    /// <summary>A request whose answers <paramref name="finish"/> takes.</summary>
    public RingFlight(TakeCompletion finish)
    {
        this.finish = finish;
        completed = () => finish(awaiter.GetResult());
    }

    /// <summary>It has been sent.</summary>
    public void Start(ValueTask<Completion> pending)
    {
        awaiter = pending.GetAwaiter();
        if (awaiter.IsCompleted)
            finish(awaiter.GetResult());
        else
            awaiter.UnsafeOnCompleted(completed);
    }
}

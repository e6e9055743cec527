namespace Libsys.Linux;

/// <summary>Bits of struct epoll_event that say how events are reported, epoll_ctl(2). Those that say which are <see cref="PollEvents"/>.</summary>
public static class EpollEvents
{
    /// <summary>EPOLLET.</summary>
    public const uint EdgeTriggered = 1u << 31;
    /// <summary>EPOLLONESHOT.</summary>
    public const uint OneShot = 1u << 30;
    /// <summary>EPOLLWAKEUP: taken, and means nothing, for this machine does not sleep.</summary>
    public const uint WakeUp = 1u << 29;
    /// <summary>EPOLLEXCLUSIVE.</summary>
    public const uint Exclusive = 1u << 28;
    /// <summary>All of them.</summary>
    public const uint Ways = 0xF000_0000;
}

namespace Libsys.Personality.Tests;

public class PollBitsTests
{
    [Fact]
    public void Select_asks_for_what_poll_would() // select(2), "Correspondence between select() and poll() notifications"
    {
        Assert.Equal(PollBits.POLLIN | PollBits.POLLRDNORM | PollBits.POLLRDBAND, PollBits.FromSelect(true, false, false));
        Assert.Equal(PollBits.POLLOUT | PollBits.POLLWRNORM | PollBits.POLLWRBAND, PollBits.FromSelect(false, true, false));
        Assert.Equal(PollBits.POLLPRI, PollBits.FromSelect(false, false, true));
        Assert.Equal(0, PollBits.FromSelect(false, false, false));
    }

    [Fact]
    public void A_hang_up_makes_readable_and_an_error_both()
    {
        Assert.NotEqual(0, PollBits.ReadFound & PollBits.POLLHUP);
        Assert.Equal(0, PollBits.WriteFound & PollBits.POLLHUP);
        Assert.NotEqual(0, PollBits.ReadFound & PollBits.WriteFound & PollBits.POLLERR);
    }
}

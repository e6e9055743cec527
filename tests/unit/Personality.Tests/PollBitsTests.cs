namespace Libsys.Personality.Tests;

public class PollBitsTests
{
    [Fact]
    public void Select_asks_for_what_poll_would() // select(2), "Correspondence between select() and poll() notifications"
    {
        Assert.Equal(PollEvents.In | PollEvents.ReadNormal | PollEvents.ReadBand, PollBits.FromSelect(true, false, false));
        Assert.Equal(PollEvents.Out | PollEvents.WriteNormal | PollEvents.WriteBand, PollBits.FromSelect(false, true, false));
        Assert.Equal(PollEvents.Priority, PollBits.FromSelect(false, false, true));
        Assert.Equal(0, PollBits.FromSelect(false, false, false));
    }

    [Fact]
    public void A_hang_up_makes_readable_and_an_error_both()
    {
        Assert.NotEqual(0, PollBits.ReadFound & PollEvents.HangUp);
        Assert.Equal(0, PollBits.WriteFound & PollEvents.HangUp);
        Assert.NotEqual(0, PollBits.ReadFound & PollBits.WriteFound & PollEvents.Error);
    }
}

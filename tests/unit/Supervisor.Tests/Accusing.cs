using Servers.Supervisor.Policy;

namespace Servers.Supervisor.Tests;

public sealed class Accusing
{
    private const ulong Accused = 7, Other = 8;
    private const string Driver = "driver", Neighbour = "neighbour";

    private readonly Accusations accusations = new();

    [Fact]
    public void What_three_processes_in_a_row_say_is_believed()
    {
        Assert.False(accusations.Say(Driver, 3, Accused, 1));
        Assert.False(accusations.Say(Driver, 4, Accused, Accusations.Window));
        Assert.True(accusations.Say(Driver, 5, Accused, 2 * Accusations.Window));
    }

    [Fact]
    public void What_two_servers_say_is_believed()
    {
        Assert.False(accusations.Say(Driver, 3, Accused, 1));
        Assert.True(accusations.Say(Neighbour, 9, Accused, 1 + Accusations.Window));
    }

    [Fact]
    public void What_is_said_of_different_processes_or_long_after_is_not()
    {
        Assert.False(accusations.Say(Driver, 3, Accused, 1));
        Assert.False(accusations.Say(Driver, 4, Accused, 2));
        Assert.False(accusations.Say(Driver, 5, Other, 3));
        Assert.False(accusations.Say(Driver, 6, Accused, 4));
        Assert.False(accusations.Say(Driver, 7, Accused, 5));
        Assert.False(accusations.Say(Driver, 8, Accused, 6 + Accusations.Window));
        Assert.False(accusations.Say(Neighbour, 2, Other, 6 + Accusations.Window));
        Assert.False(accusations.Say(Driver, 9, Other, 7 + 2 * Accusations.Window));
    }

    [Fact]
    public void Where_a_process_in_between_found_nothing_it_begins_anew()
    {
        Assert.False(accusations.Say(Driver, 3, Accused, 1));
        Assert.False(accusations.Say(Driver, 4, Accused, 2));
        Assert.False(accusations.Say(Driver, 6, Accused, 3));
        Assert.False(accusations.Say(Driver, 7, Accused, 4));
        Assert.True(accusations.Say(Driver, 8, Accused, 5));
    }
}

using CsCheck;

namespace Libsys.Hosting.Tests.Keeping;

/// <summary>Each request is counted once and answered once, at whichever of its steps the server's process ends.</summary>
public sealed class DeathAtEveryStep
{
    // A life of so many turns makes about 1,500 steps with all that can happen to a request.
    private const int Turns = 12;

    [Fact]
    public void One_death_at_each_step_of_a_life()
    {
        int step = 1;
        for (; ; step++)
        {
            var world = new MortalCounter(seed: 1, honest: 3, hostile: 0);
            bool died = world.Live(step, Turns);
            world.CheckTotals();
            if (!died)
                break;
        }

        Assert.True(step > 500, $"a life of {step} steps shows little");
    }

    [Fact]
    public void A_second_death_at_each_step_of_the_successor()
    {
        const int First = 120, Second = 100;
        int deaths = 0;
        for (int first = 1; first <= First; first++)
        {
            for (int second = 1; second <= Second; second++)
            {
                var world = new MortalCounter(seed: 2, honest: 2, hostile: 0);
                world.Live(7 * first, Turns); // spread over a life
                world.Live(second, Turns);
                world.CheckTotals();
                deaths += world.Deaths;
            }
        }

        Assert.True(deaths >= 10_000, $"{deaths} deaths");
    }

    [Fact]
    public void Many_deaths_in_a_row_and_all_around_the_rings()
    {
        int deaths = 0, answered = 0;
        for (int seed = 0; seed < 20; seed++)
        {
            var world = new MortalCounter(seed, honest: 4, hostile: 0);
            var random = new Random(seed);
            while (world.Deaths < 1000)
                world.Live(random.Next(1, 300), Turns);
            world.CheckTotals();
            deaths += world.Deaths;
            answered += world.Answered;
        }

        Assert.True(deaths >= 20_000 && answered > 20_000, $"{deaths} deaths, {answered} answers");
    }

    [Fact]
    public void A_hostile_client_harms_itself_before_and_after_a_death() =>
        Gen.Select(Gen.Int, Gen.Int[1, 400].Array[1, 40]).Sample((seed, deadlines) =>
        {
            var world = new MortalCounter(seed, honest: 2, hostile: 2);
            foreach (int deadline in deadlines)
                world.Live(deadline, Turns);
            world.CheckTotals();
        }, iter: 300);
}

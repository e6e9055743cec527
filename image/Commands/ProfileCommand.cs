using System.CommandLine;
using Microkernel.Image.Profile;
using Spectre.Console;

namespace Microkernel.Image.Commands;

/// <summary><c>image profile ROW</c>: instructions of an operation by program and function; <c>make profile ROWS=</c> builds and then starts this.</summary>
internal static class ProfileCommand
{
    /// <summary>Builds the command for the root command line.</summary>
    public static Command Create()
    {
        var row = new Argument<string>("ROW") { Description = "A part of a row's name of `make bench`, or all of it behind a `=`." };
        var count = new Option<int>("--functions") { Description = "How many functions are shown.", DefaultValueFactory = _ => 60 };
        var steps = new Option<bool>("--steps") { Description = "All entries of the kernel in order instead." };
        var command = new Command("profile", "Counts the instructions of an operation by program and function.") { row, count, steps };
        command.SetAction(
            (result, cancellation) => ShowAsync(result.GetRequiredValue(row), result.GetValue(count), result.GetValue(steps), cancellation));
        return command;
    }

    private static async Task<int> ShowAsync(string row, int count, bool showsSteps, CancellationToken cancellation)
    {
        try
        {
            (InstructionProfile profile, string name, double operations) = await ProfileBoot.RunAsync(RepositoryLayout.Find(), row, cancellation);
            double instructionsEach = profile.Counts.Values.Sum() / operations, lookUpsEach = profile.LookUps.Values.Sum() / operations;
            Console.WriteLine($"{name}: {instructionsEach:N0} instructions and {lookUpsEach:N0} look-ups of code an operation, of {operations:N0}");
            if (showsSteps)
            {
                Show(profile.Timeline);
                return 0;
            }

            var programs = new Table().AddColumns("instructions", "look-ups", "program");
            foreach (var program in profile.Counts.GroupBy(entry => entry.Key.Program).OrderByDescending(group => group.Sum(entry => entry.Value)))
            {
                long lookUps = profile.LookUps.Where(entry => entry.Key.Program == program.Key).Sum(entry => entry.Value);
                programs.AddRow($"{program.Sum(entry => entry.Value) / operations:N1}", $"{lookUps / operations:N1}", Markup.Escape(program.Key));
            }

            AnsiConsole.Write(programs);
            var functions = new Table().AddColumns("instructions", "look-ups", "program", "function");
            foreach (var ((program, function), instructions) in profile.Counts.OrderByDescending(entry => entry.Value).Take(count))
            {
                long lookUps = profile.LookUps.GetValueOrDefault((program, function));
                functions.AddRow($"{instructions / operations:N1}", $"{lookUps / operations:N1}", Markup.Escape(program), Markup.Escape(function));
            }

            AnsiConsole.Write(functions);
            return 0;
        }
        catch (ImageException error)
        {
            Console.Error.WriteLine($"profile: {error.Message}");
            return 1;
        }
    }

    // One line a step, to be sorted and added up by other tools: fields are separated by tabs.
    private static void Show(StepTimeline timeline)
    {
        Console.WriteLine("program\tentry\town\tpersonality\tkernel\tmostly");
        foreach (Step step in timeline.Steps)
        {
            string arrival = step.Arrived ? "> " : "";
            Console.WriteLine($"{arrival}{step.Program}\t{step.Entry}\t{step.Own}\t{step.Personality}\t{step.Kernel}\t{step.Function}");
        }
    }
}

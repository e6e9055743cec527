using System.CommandLine;
using Microkernel.Image.Test;

namespace Microkernel.Image.Commands;

/// <summary><c>image test</c>: runs all tests and prints <c>N passed, N failed</c>; <c>make test</c> builds and then starts this.</summary>
internal static class TestCommand
{
    /// <summary>Builds the command for the root command line.</summary>
    public static Command Create()
    {
        var command = new Command("test", "Runs unit tests, models and boot tests.");
        command.SetAction(_ => new TestRun(RepositoryLayout.Find()).Run());
        return command;
    }
}

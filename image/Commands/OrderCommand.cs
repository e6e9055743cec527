using System.CommandLine;
using Microkernel.Image.Bench;
using Microkernel.Image.Profile;

namespace Microkernel.Image.Commands;

/// <summary>
/// <c>image order</c>: profiles the guarded operations one after the other and writes for kernel, personality and servers in which order their functions should
/// lie; <c>make order</c> builds and then starts this. The next build takes the files.
/// </summary>
internal static class OrderCommand
{
    // Beside each project; NoRuntime.targets and Server.props look for it there.
    private const string FileName = "function-order.txt";

    private static readonly Dictionary<string, string> Projects = new()
    {
        ["kernel"] = "microkernel", ["personality"] = "libsys/personality", ["vfs"] = "servers/vfs", ["process"] = "servers/process",
    };

    /// <summary>Builds the command for the root command line.</summary>
    public static Command Create()
    {
        var command = new Command("order", "Profiles the guarded operations, and writes the order of functions for the compiler.");
        command.SetAction((_, cancellation) => UpdateAsync(RepositoryLayout.Find(), cancellation));
        return command;
    }

    private static async Task<int> UpdateAsync(RepositoryLayout repository, CancellationToken cancellation)
    {
        InstructionCounts guarded = InstructionCounts.Parse(await File.ReadAllTextAsync(repository.InstructionCounts, cancellation));
        Dictionary<string, FunctionOrder> orders = Projects.Keys.ToDictionary(program => program, _ => new FunctionOrder());
        foreach (string row in guarded.Rows.Keys)
        {
            try
            {
                (InstructionProfile profile, _, _) = await ProfileBoot.RunAsync(repository, "=" + row, cancellation);
                foreach ((ProgramCode code, List<ulong> ran) in profile.Ran.Where(program => orders.ContainsKey(program.Key.Name)))
                    orders[code.Name].Add(ran.Select(code.SymbolsAt));
                Console.WriteLine(row);
            }
            catch (ImageException error)
            {
                Console.Error.WriteLine($"order: {row}: {error.Message}");
                return 1;
            }
        }

        foreach ((string program, string project) in Projects)
            await File.WriteAllTextAsync(Path.Combine(repository.Root, project, FileName), orders[program].Format(), cancellation);
        return 0;
    }
}

using Microkernel.Image.Configuration;

namespace Microkernel.Image.Run;

/// <summary>The machine of a run: the configuration with the variables' values over it.</summary>
internal sealed record MachineSettings(MachineConfiguration Configuration, int Cpus, long Memory)
{
    /// <summary>Loads the configuration and applies the variables.</summary>
    /// <exception cref="ImageException">The configuration is wrong, or the servers do not fit into MEM.</exception>
    public static MachineSettings Choose(RepositoryLayout repository, RunRequest request)
    {
        MachineConfiguration configuration = MachineConfiguration.Load(repository, request.Configuration);
        long memory = request.Memory ?? configuration.Memory;
        long committed = configuration.Manifest.Servers.Sum(server => server.Account.Memory + server.Account.Keep);
        if (request.System == TargetSystem.Microkernel && committed > memory)
            throw new ImageException($"MEM={ByteSize.Format(memory)} is less than the {ByteSize.Format(committed)} that the servers of CONFIG={request.Configuration} are promised");
        return new MachineSettings(configuration, request.CountsInstructions ? 1 : request.Cpus ?? configuration.Cpus, memory);
    }
}

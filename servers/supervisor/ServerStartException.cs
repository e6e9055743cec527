using Libsys.Abi;

namespace Servers.Supervisor;

/// <summary>A server cannot be started; the message says what was missing.</summary>
internal sealed class ServerStartException(string message) : Exception(message)
{
    /// <summary>Throws unless the kernel did what it was asked for.</summary>
    public static void Check(KernelStatus status, string what)
    {
        if (status != KernelStatus.Ok)
            throw new ServerStartException($"{what}: {status}");
    }
}

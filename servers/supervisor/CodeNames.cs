using System.Globalization;

namespace Servers.Supervisor;

/// <summary>Names of code addresses of one server; without a table of its code, the addresses themselves.</summary>
internal sealed class CodeNames
{
    /// <summary>Names of a server's code.</summary>
    public static CodeNames Of(Server server) => new();

    /// <summary>The function and line at an address.</summary>
    public string Name(ulong address) => string.Create(CultureInfo.InvariantCulture, $"0x{address:x}");
}

using System.Globalization;
using System.Text;
using Microkernel.Image.Configuration;

namespace Microkernel.Image.Run;

/// <summary>The variables of <c>./run VAR=value ...</c>.</summary>
public static class RunVariables
{
    private delegate RunRequest Setter(RunRequest request, string value);

    private static readonly Dictionary<string, Setter> Variables = new()
    {
        ["EXEC"] = (request, value) => request with { Command = Encoding.UTF8.GetBytes(value) },
        ["ROOT"] = (request, value) => request with { Root = value },
        ["OVERLAY"] = (request, value) => request with { Overlay = Path.GetFullPath(value) },
        ["DISK"] = (request, value) => request with { Disks = [.. request.Disks, DiskFile.Parse(value)] },
        ["SYSTEM"] = (request, value) => request with { System = ParseSystem(value) },
        ["CPUS"] = (request, value) => request with { Cpus = ParseCpus(value) },
        ["MEM"] = (request, value) => request with { Memory = ParseMemory(value) },
        ["ICOUNT"] = (request, value) => request with { CountsInstructions = ParseSwitch("ICOUNT", value) },
        ["IOMMU"] = (request, value) => request with { HasIommu = ParseSwitch("IOMMU", value) },
        ["TIMEOUT"] = (request, value) => request with { Timeout = ParseTimeout(value) },
        ["CONFIG"] = (request, value) => request with { Configuration = value },
        ["GDB"] = (request, value) => request with { WaitsForDebugger = ParseSwitch("GDB", value) },
    };

    /// <summary>Names of all variables.</summary>
    public static IReadOnlyCollection<string> Names => Variables.Keys;

    /// <summary>Reads the variables.</summary>
    /// <param name="arguments">As bytes, because a command may hold any byte but zero.</param>
    /// <exception cref="ImageException">A variable is unknown, given twice or contradicts another, or a value is wrong.</exception>
    public static RunRequest Parse(IEnumerable<byte[]> arguments)
    {
        var request = new RunRequest();
        var given = new HashSet<string>();
        foreach (byte[] argument in arguments)
        {
            int equals = Array.IndexOf(argument, (byte)'=');
            if (equals <= 0)
                throw new ImageException($"expected VAR=value, found {Encoding.UTF8.GetString(argument)} (variables: {string.Join(", ", Names)})");
            string name = Encoding.UTF8.GetString(argument, 0, equals);
            byte[] value = argument[(equals + 1)..];
            if (!Variables.TryGetValue(name, out Setter? set))
                throw new ImageException($"unknown variable {name} {NearestName.Suggestion(name, Names)}");
            if (!given.Add(name) && name != "DISK")
                throw new ImageException($"{name} is given twice");

            request = set(request, Encoding.UTF8.GetString(value));
            if (name == "EXEC")
                request = request with { Command = value };
        }

        CheckTogether(request);
        return request;
    }

    private static void CheckTogether(RunRequest request)
    {
        if (request is { CountsInstructions: true, Cpus: > 1 })
            throw new ImageException($"ICOUNT=1 contradicts CPUS={request.Cpus}: instructions can be counted on one CPU only");
    }

    private static TargetSystem ParseSystem(string value) => value switch
    {
        "microkernel" => TargetSystem.Microkernel,
        "linux" => TargetSystem.Linux,
        _ => throw new ImageException($"SYSTEM={value}: unknown system {NearestName.Suggestion(value, ["microkernel", "linux"])}"),
    };

    private static int ParseCpus(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int cpus) && cpus is >= 1 and <= MachineLimits.MostCpus
            ? cpus
            : throw new ImageException($"CPUS={value}: expected a number from 1 to {MachineLimits.MostCpus}");

    private static long ParseMemory(string value) =>
        ByteSize.TryParse(value, out long size) && size >= MachineLimits.LeastMemory
            ? size
            : throw new ImageException($"MEM={value}: expected a size of at least {ByteSize.Format(MachineLimits.LeastMemory)}, such as 512M or 2G");

    private static bool ParseSwitch(string name, string value) => value switch
    {
        "1" => true,
        "0" => false,
        _ => throw new ImageException($"{name}={value}: expected 1 or 0"),
    };

    private static TimeSpan ParseTimeout(string value) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and <= 86400
            ? TimeSpan.FromSeconds(seconds)
            : throw new ImageException($"TIMEOUT={value}: expected seconds, more than 0 and at most 86400");
}

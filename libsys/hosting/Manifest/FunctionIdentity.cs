using System.Globalization;
using MessagePack;

namespace Libsys.Hosting.Manifest;

/// <summary>What a function on the PCI bus is, by which drivers know theirs: PCI Local Bus 3.0 §6.2.1.</summary>
/// <param name="Vendor">Vendor ID.</param>
/// <param name="Device">Device ID.</param>
public readonly record struct FunctionIdentity(ushort Vendor, ushort Device)
{
    /// <summary>Reads VENDOR:DEVICE in four hexadecimal digits each, as lspci(8) writes it.</summary>
    public static bool TryParse(string text, out FunctionIdentity identity)
    {
        const int digits = 4;
        string[] parts = text.Split(':');
        ushort vendor = 0, device = 0;
        bool isValid = parts.Length == 2 && parts.All(static part => part.Length == digits)
            && ushort.TryParse(parts[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out vendor)
            && ushort.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out device)
            && vendor != ushort.MaxValue; // what the bus answers for a function that is not there
        identity = new FunctionIdentity(vendor, device);
        return isValid;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Vendor:x4}:{Device:x4}");

    internal void Write(ref MessagePackWriter writer) => writer.Write(ToString());

    internal static FunctionIdentity Read(ref MessagePackReader reader)
    {
        string text = ManifestFormat.ReadText(ref reader, "function");
        return TryParse(text, out FunctionIdentity identity) ? identity : throw new ManifestException($"{text} is no function");
    }
}

/// <summary>A function and its driver, as whoever gives drivers theirs is told (<see cref="Messages.StartSetting.Functions"/>).</summary>
/// <param name="Owner">The server's name.</param>
/// <param name="Identity">What it drives.</param>
public sealed record OwnedFunction(string Owner, FunctionIdentity Identity)
{
    /// <summary>The text for all servers.</summary>
    public static string Write(IEnumerable<ServerDescription> servers) =>
        string.Join(' ', servers.SelectMany(static server => (server.Functions ?? []).Select(identity => $"{server.Name}:{identity}")));

    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static IReadOnlyList<OwnedFunction> Read(string text)
    {
        var functions = new List<OwnedFunction>();
        foreach (string function in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = function.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || !FunctionIdentity.TryParse(function[(colon + 1)..], out FunctionIdentity identity))
                throw new InvalidDataException($"\"{function}\" is no function");
            functions.Add(new OwnedFunction(function[..colon], identity));
        }

        return functions;
    }
}

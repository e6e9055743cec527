namespace Microkernel.Image.Symbols;

/// <summary>Makes ilc's symbol names readable again.</summary>
internal static class MethodName
{
    // ilc writes ASSEMBLY_NAMESPACE_TYPE__METHOD and turns every separator into an underscore.
    private static readonly string[] Assemblies = ["Microkernel_", "CoreLib_", "Personality_"];

    /// <summary>
    /// <c>Microkernel_Microkernel_Boot__Main</c> becomes <c>Microkernel.Boot.Main</c>; names of generated stubs stay. Underscores that stood in a
    /// C# name become dots too: the mangling does not tell them apart.
    /// </summary>
    public static string Readable(string symbol)
    {
        string? assembly = Assemblies.FirstOrDefault(a => symbol.StartsWith(a, StringComparison.Ordinal));
        if (assembly is null)
            return symbol;
        string name = symbol[assembly.Length..];
        int method = name.IndexOf("__", StringComparison.Ordinal);
        return method <= 0 ? name : $"{name[..method].Replace('_', '.')}.{name[(method + 2)..]}";
    }
}

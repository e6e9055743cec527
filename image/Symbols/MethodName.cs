using System.Globalization;
using System.Text.RegularExpressions;

namespace Microkernel.Image.Symbols;

/// <summary>Makes the symbol names of compilers readable again.</summary>
internal static partial class MethodName
{
    /// <summary>
    /// <c>Microkernel_Microkernel_Boot__Main</c> becomes <c>Microkernel.Boot.Main</c>: ilc writes ASSEMBLY_NAMESPACE_TYPE__METHOD and turns every separator
    /// into an underscore. Underscores that stood in a C# name become dots too: the mangling does not tell them apart. Of C++ the nested names are
    /// read (<c>_ZN3WKS7gc_heap4markEv</c>: <c>WKS::gc_heap::mark</c>). Other names, those of generated stubs for example, stay.
    /// </summary>
    public static string Readable(string symbol)
    {
        if (symbol.StartsWith("_ZN", StringComparison.Ordinal))
            return Nested(symbol);
        string name = Assembly().Replace(symbol, "");
        if (name.Length == symbol.Length)
            return symbol;
        int method = MethodStart(name);
        return method <= 0 ? name : $"{name[..method].Replace('_', '.')}.{name[(method + 2)..]}";
    }

    // The first "__" outside of type arguments.
    private static int MethodStart(string name)
    {
        int depth = 0;
        for (int i = 1; i < name.Length - 2; i++)
        {
            depth += name[i] == '<' ? 1 : name[i] == '>' ? -1 : 0;
            if (depth == 0 && name[i] == '_' && name[i + 1] == '_')
                return i;
        }
        return -1;
    }

    // Itanium C++ ABI, 5.1.3: N, qualifiers, then (length, name) for each level.
    private static string Nested(string symbol)
    {
        var levels = new List<string>();
        int at = 3;
        while (at < symbol.Length && symbol[at] is 'K' or 'V' or 'r')
            at++;
        while (at < symbol.Length && char.IsAsciiDigit(symbol[at]))
        {
            int digits = at;
            while (at < symbol.Length && char.IsAsciiDigit(symbol[at]))
                at++;
            int length = int.Parse(symbol.AsSpan(digits, at - digits), CultureInfo.InvariantCulture);
            if (length > symbol.Length - at)
                return symbol;
            levels.Add(symbol.Substring(at, length));
            at += length;
        }
        return levels.Count == 0 ? symbol : string.Join("::", levels);
    }

    // What a name of this project's and the runtime's assemblies begins with, also inside type arguments. Servers are recognised by what follows.
    [GeneratedRegex("(?<![A-Za-z0-9_])(?:Microkernel_|CoreLib_|Personality_|Libsys_Hosting_|S_P_[A-Za-z]+_|"
        + "System_Private_[A-Za-z]+_|[a-z]+_(?=Servers_|Program_))")]
    private static partial Regex Assembly();
}

using Microkernel.Image.Tests.Safety;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Microkernel.Image.Tests.Layers;

/// <summary>A file that uses what another declares.</summary>
/// <param name="From">Folder of the first: below its area, "" for the area's own files.</param>
/// <param name="To">Folder of the second; outside the area the part of libsys, such as libsys/abi.</param>
/// <param name="File">Name of the first.</param>
/// <param name="Declaration">Name of the second.</param>
internal sealed record FolderUse(string From, string To, string File, string Declaration)
{
    /// <inheritdoc/>
    public override string ToString() => $"{From}/{File} uses {To}/{Declaration}";
}

/// <summary>Which folder of libsys uses which: by what the names in its files mean, and where that is declared, not by namespaces.</summary>
internal static class FolderGraph
{
    /// <summary>Uses that cross folders, each pair of files once.</summary>
    public static IReadOnlyCollection<FolderUse> Of(SafetyArea area, string root)
    {
        (CSharpCompilation compilation, SyntaxTree[] own) = area.Compile(root);
        var uses = new HashSet<FolderUse>();
        foreach (SyntaxTree tree in own)
        {
            SemanticModel model = compilation.GetSemanticModel(tree);
            foreach (SimpleNameSyntax name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
            {
                if (model.GetSymbolInfo(name).Symbol is not { } symbol || symbol is INamespaceSymbol)
                    continue;
                foreach (string declaration in symbol.OriginalDefinition.DeclaringSyntaxReferences.Select(reference => reference.SyntaxTree.FilePath))
                {
                    if (Folder(declaration) != Folder(tree.FilePath))
                        uses.Add(new FolderUse(Folder(tree.FilePath), Folder(declaration), Path.GetFileName(tree.FilePath), Path.GetFileName(declaration)));
                }
            }
        }

        return uses;

        string Folder(string file)
        {
            string[] parts = Path.GetRelativePath(root, file).Split('/');
            int depth = area.Folder.Split('/').Length;
            bool isInside = string.Join('/', parts.Take(depth)) == area.Folder;
            return !isInside ? string.Join('/', parts.Take(2)) : parts.Length > depth + 1 ? parts[depth] : "";
        }
    }
}

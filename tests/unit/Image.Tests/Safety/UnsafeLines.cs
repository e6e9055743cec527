using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Microkernel.Image.Tests.Safety;

/// <summary>
/// Finds the lines of a file that can break memory safety: those that reach memory through a pointer, make a pointer from a number, say by hand how long a
/// piece of memory is, or call machine code whose effect the compiler does not know. Arithmetic with pointers and passing them on are not among them: they harm
/// nobody until somebody follows the pointer.
/// </summary>
internal sealed class UnsafeLines(SemanticModel model) : CSharpSyntaxWalker
{
    private readonly HashSet<int> lines = [];

    /// <summary>Number of such lines in a file.</summary>
    public static int Count(SemanticModel model)
    {
        var walker = new UnsafeLines(model);
        walker.Visit(model.SyntaxTree.GetRoot());
        return walker.lines.Count;
    }

    public override void VisitMemberAccessExpression(MemberAccessExpressionSyntax node)
    {
        if (node.IsKind(SyntaxKind.PointerMemberAccessExpression))
            Mark(node.OperatorToken);
        base.VisitMemberAccessExpression(node);
    }

    public override void VisitPrefixUnaryExpression(PrefixUnaryExpressionSyntax node)
    {
        if (node.IsKind(SyntaxKind.PointerIndirectionExpression))
            Mark(node.OperatorToken);
        base.VisitPrefixUnaryExpression(node);
    }

    public override void VisitElementAccessExpression(ElementAccessExpressionSyntax node)
    {
        // A buffer within a struct is indexed like a pointer, without a check.
        if (IsPointer(node.Expression) || model.GetSymbolInfo(node.Expression).Symbol is IFieldSymbol { IsFixedSizeBuffer: true })
            Mark(node.ArgumentList.OpenBracketToken);
        base.VisitElementAccessExpression(node);
    }

    public override void VisitCastExpression(CastExpressionSyntax node)
    {
        if (IsPointer(node) && model.GetTypeInfo(node.Expression).Type is { } from && !IsPointer(from) && !model.GetConstantValue(node.Expression).HasValue)
            Mark(node.OpenParenToken);
        base.VisitCastExpression(node);
    }

    public override void VisitObjectCreationExpression(ObjectCreationExpressionSyntax node)
    {
        MarkLengthByHand(node, node.ArgumentList);
        base.VisitObjectCreationExpression(node);
    }

    public override void VisitImplicitObjectCreationExpression(ImplicitObjectCreationExpressionSyntax node)
    {
        MarkLengthByHand(node, node.ArgumentList);
        base.VisitImplicitObjectCreationExpression(node);
    }

    public override void VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        if (IsPointer(node.Expression) || (model.GetSymbolInfo(node).Symbol is IMethodSymbol method && IsUnknownToTheCompiler(method)))
            Mark(node.ArgumentList.OpenParenToken);
        base.VisitInvocationExpression(node);
    }

    private static bool IsUnknownToTheCompiler(IMethodSymbol method) =>
        method.IsExtern || method.ContainingType.Name is "Unsafe" or "MemoryMarshal";

    private void MarkLengthByHand(ExpressionSyntax node, ArgumentListSyntax? arguments)
    {
        bool isSpan = model.GetTypeInfo(node).Type is { Name: "Span" or "ReadOnlySpan" };
        if (isSpan && arguments != null && arguments.Arguments.Any(argument => IsPointer(argument.Expression)))
            Mark(arguments.OpenParenToken);
    }

    private bool IsPointer(ExpressionSyntax node) => model.GetTypeInfo(node).Type is { } type && IsPointer(type);

    private static bool IsPointer(ITypeSymbol type) => type.TypeKind is TypeKind.Pointer or TypeKind.FunctionPointer;

    private void Mark(SyntaxToken token) => lines.Add(token.GetLocation().GetLineSpan().StartLinePosition.Line);
}

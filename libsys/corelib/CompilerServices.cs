namespace System.Runtime.CompilerServices;

/// <summary>Marks what the code generator replaces or recognises by name.</summary>
public sealed class IntrinsicAttribute : Attribute { }

[Flags]
public enum MethodImplOptions
{
    NoInlining = 8,
    NoOptimization = 64,
    AggressiveInlining = 256,
    AggressiveOptimization = 512,
    InternalCall = 4096,
}

public sealed class MethodImplAttribute(MethodImplOptions options) : Attribute
{
    public MethodImplOptions Value { get; } = options;
}

public sealed class IndexerNameAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

public sealed class InlineArrayAttribute(int length) : Attribute
{
    public int Length { get; } = length;
}

public sealed class FixedBufferAttribute(Type type, int length) : Attribute
{
    public Type ElementType { get; } = type;
    public int Length { get; } = length;
}

public sealed class CompilerFeatureRequiredAttribute(string featureName) : Attribute
{
    public string FeatureName { get; } = featureName;
    public bool IsOptional { get; set; }
}

public sealed class CompilationRelaxationsAttribute(int relaxations) : Attribute
{
    public int Relaxations { get; } = relaxations;
}

public sealed class RuntimeCompatibilityAttribute : Attribute
{
    public bool WrapNonExceptionThrows { get; set; }
}

public sealed class InternalsVisibleToAttribute(string assembly) : Attribute
{
    public string AssemblyName { get; } = assembly;
}

public sealed class CallerArgumentExpressionAttribute(string parameter) : Attribute
{
    public string ParameterName { get; } = parameter;
}

public sealed class CallerFilePathAttribute : Attribute { }
public sealed class CallerLineNumberAttribute : Attribute { }
public sealed class CallerMemberNameAttribute : Attribute { }
public sealed class CompilerGeneratedAttribute : Attribute { }
public sealed class EagerStaticClassConstructionAttribute : Attribute { }
public sealed class ExtensionAttribute : Attribute { }
public sealed class IsByRefLikeAttribute : Attribute { }
public sealed class IsReadOnlyAttribute : Attribute { }
public sealed class IsUnmanagedAttribute : Attribute { }
public sealed class RequiredMemberAttribute : Attribute { }
public sealed class RequiresLocationAttribute : Attribute { }
public sealed class ScopedRefAttribute : Attribute { }
public sealed class SkipLocalsInitAttribute : Attribute { }
public sealed class UnsafeValueTypeAttribute : Attribute { }

public static class IsExternalInit { }
public static class IsVolatile { }
public class CallConvCdecl { }
public class CallConvSuppressGCTransition { }

/// <summary>Which language features the compiler may use against this library.</summary>
public static class RuntimeFeature
{
    public const string PortablePdb = nameof(PortablePdb);
    public const string DefaultImplementationsOfInterfaces = nameof(DefaultImplementationsOfInterfaces);
    public const string UnmanagedSignatureCallingConvention = nameof(UnmanagedSignatureCallingConvention);
    public const string CovariantReturnsOfClasses = nameof(CovariantReturnsOfClasses);
    public const string ByRefFields = nameof(ByRefFields);
    public const string ByRefLikeGenerics = nameof(ByRefLikeGenerics);
    public const string VirtualStaticsInInterfaces = nameof(VirtualStaticsInInterfaces);
    public const string NumericIntPtr = nameof(NumericIntPtr);
}

public static class RuntimeHelpers
{
    // Expanded by the code generator; the bodies are never reached.
    [Intrinsic]
    public static bool IsReferenceOrContainsReferences<T>() => IsReferenceOrContainsReferences<T>();

    [Intrinsic]
    public static ReadOnlySpan<T> CreateSpan<T>(RuntimeFieldHandle field) => throw null;

    [Intrinsic]
    public static void InitializeArray(Array array, RuntimeFieldHandle field) => throw null;
}

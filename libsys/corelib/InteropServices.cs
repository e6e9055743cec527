namespace System.Runtime.InteropServices;

public enum LayoutKind
{
    Sequential = 0,
    Explicit = 2,
    Auto = 3,
}

public enum CharSet
{
    None = 1,
    Ansi = 2,
    Unicode = 3,
    Auto = 4,
}

// The compiler marks `where T : unmanaged` with it.
public enum UnmanagedType
{
}

public sealed class StructLayoutAttribute(LayoutKind kind) : Attribute
{
    public LayoutKind Value { get; } = kind;
    public int Pack;
    public int Size;
    public CharSet CharSet;
}

public sealed class FieldOffsetAttribute(int offset) : Attribute
{
    public int Value { get; } = offset;
}

public sealed class InAttribute : Attribute { }
public sealed class OutAttribute : Attribute { }

public sealed class UnmanagedCallersOnlyAttribute : Attribute
{
    public Type[] CallConvs;
    public string EntryPoint;
}

// Named by ilc.
public interface IDynamicInterfaceCastable
{
    RuntimeTypeHandle GetDynamicInterfaceImplementation(RuntimeTypeHandle interfaceType);
}

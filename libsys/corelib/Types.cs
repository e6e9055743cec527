namespace System;

// Named by ilc; there is no reflection.

public class Type { }
internal class RuntimeType : Type { }

public struct RuntimeTypeHandle
{
    private nint value;
}

public struct RuntimeMethodHandle
{
    private nint value;
}

public struct RuntimeFieldHandle
{
    private nint value;
}

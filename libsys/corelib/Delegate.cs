namespace System;

/// <summary>A delegate to one method. The field and method names are ilc's: it generates the code that uses them.</summary>
public abstract class Delegate
{
    internal object _firstParameter;
    internal object _helperObject;
    internal nint _extraFunctionPointerOrData;
    internal nint _functionPointer;

    private void InitializeClosedInstance(object firstParameter, nint functionPointer)
    {
        _functionPointer = functionPointer;
        _firstParameter = firstParameter;
    }

    private void InitializeOpenStaticThunk(object firstParameter, nint functionPointer, nint functionPointerThunk)
    {
        // The thunk drops its `this`, so the delegate itself serves as one.
        _firstParameter = this;
        _functionPointer = functionPointerThunk;
        _extraFunctionPointerOrData = functionPointer;
    }
}

/// <summary>Base of declared delegate types; combining several targets is not supported here.</summary>
public abstract class MulticastDelegate : Delegate { }

public delegate void Action();
public delegate void Action<T>(T argument);
public delegate TResult Func<TResult>();
public delegate TResult Func<T, TResult>(T argument);

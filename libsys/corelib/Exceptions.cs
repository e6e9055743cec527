namespace System;

// `throw` compiles, so that sources can be shared with full .NET, but it ends the image: nothing is ever caught here.

public class Exception
{
    public Exception() { }
    public Exception(string message) { }
}

public class ArgumentException : Exception
{
    public ArgumentException() { }
    public ArgumentException(string message) { }
    public ArgumentException(string message, string parameter) { }
}

public class ArgumentOutOfRangeException : ArgumentException
{
    public ArgumentOutOfRangeException() { }
    public ArgumentOutOfRangeException(string parameter) { }
    public ArgumentOutOfRangeException(string parameter, string message) { }
}

public class InvalidOperationException : Exception
{
    public InvalidOperationException() { }
    public InvalidOperationException(string message) { }
}

public class NotSupportedException : Exception
{
    public NotSupportedException() { }
    public NotSupportedException(string message) { }
}

public class NotImplementedException : Exception
{
    public NotImplementedException() { }
    public NotImplementedException(string message) { }
}

public class IndexOutOfRangeException : Exception { }

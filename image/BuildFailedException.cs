namespace Microkernel.Image;

/// <summary>An error in the input of the build, told to the user by its message alone, without a stack trace.</summary>
internal sealed class BuildFailedException(string message) : Exception(message);

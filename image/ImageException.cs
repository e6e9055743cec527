namespace Microkernel.Image;

/// <summary>A fault of the input (an argument, a configuration, a missing file) with a message for the person who gave it.</summary>
public sealed class ImageException(string message) : Exception(message);

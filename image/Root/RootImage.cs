namespace Microkernel.Image.Root;

/// <summary>
/// A root file system that was built before and that the machine gets as it lies: a boot archive whose files' pages entries of another archive name. The
/// emulator maps the file, so that nothing of it is read, copied or takes memory of the machine before it is used.
/// </summary>
/// <param name="File">Its place on the build machine.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Hash">The hash in its header, by which the machine knows that it has the right one.</param>
public sealed record RootImage(string File, long Length, ulong Hash);

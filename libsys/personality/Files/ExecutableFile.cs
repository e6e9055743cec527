using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>A program file while it is being started, in a space that has a connection to vfs. Owned by the files part, used by the loader.</summary>
internal static unsafe class ExecutableFile
{
    /// <summary>Opens for execution (permission checked by vfs), relative to a vfs directory handle or the working directory (0xFFFFFFFF). Returns a vfs handle or -errno.</summary>
    public static long Open(TaskState* task, byte* path, uint length, uint directory) => -Errno.ENOSYS;

    /// <summary>Reads into the personality's own memory. Returns bytes read (short only at the end of the file) or -errno.</summary>
    public static long Read(TaskState* task, uint handle, ulong offset, byte* buffer, uint length) => -Errno.ENOSYS;

    /// <summary>Maps file pages privately at a free, page-aligned address. Returns 0 or -errno.</summary>
    public static long Map(TaskState* task, uint handle, ulong address, ulong length, MapFlags flags, ulong offset) => -Errno.ENOSYS;

    /// <summary>Closes.</summary>
    public static void Close(TaskState* task, uint handle) { }
}

using System.Runtime.InteropServices;

namespace Libsys.Abi;

/// <summary>How a fresh personality gets its program.</summary>
public enum StartMode : uint
{
    /// <summary>A server: the ELF is the boot-archive entry named by Path. No vfs and no process server: only local calls work.</summary>
    Server = 1,
    /// <summary>A program: the ELF is opened at Path through vfs; ExecCommit or ExecFail is reported to the process server.</summary>
    Exec = 2,
}

/// <summary>
/// The flat, bounded table that starts a program or a server, mapped read-only at <see cref="Window.StartTableAddress"/>, or copied to
/// <see cref="Window.SmallStartTable"/>. For exec it was written by the old program's personality, so its reader treats it as hostile: reads each field once,
/// checks every offset against Length. All offsets are from the start of the table. Strings are UTF-8 bytes followed by a NUL. A space started with argument 0
/// and no table runs the archive's entry "supervisor".
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct StartTable
{
    /// <summary><see cref="MagicValue"/>.</summary>
    public ulong Magic;
    /// <summary>"STARTTB1", little endian.</summary>
    public const ulong MagicValue = 0x3142545452415453;
    /// <summary>Bytes of the whole table.</summary>
    public uint Length;
    /// <summary>A <see cref="StartMode"/>.</summary>
    public uint Mode;
    /// <summary>Offset of the path to execute (or archive entry name).</summary>
    public uint Path;
    /// <summary>Number of arguments.</summary>
    public uint ArgumentCount;
    /// <summary>Offset of an array of u32 string offsets.</summary>
    public uint Arguments;
    /// <summary>Number of environment strings.</summary>
    public uint EnvironmentCount;
    /// <summary>Offset of an array of u32 string offsets.</summary>
    public uint Environment;
    /// <summary>Number of <see cref="StartDescriptor"/>.</summary>
    public uint DescriptorCount;
    /// <summary>Offset of the open descriptors, ascending by Fd. Includes close-on-exec ones: the new personality closes them after ExecCommit.</summary>
    public uint Descriptors;
    /// <summary>Number of <see cref="StartHandle"/> (servers).</summary>
    public uint HandleCount;
    /// <summary>Offset of the named kernel handles (servers).</summary>
    public uint Handles;
    /// <summary>Directory descriptor that Path is relative to as a vfs handle (execveat), or 0xFFFFFFFF for the working directory.</summary>
    public uint PathBase;
    /// <summary>Signal mask of the calling thread (bit n−1 = signal n).</summary>
    public ulong SignalMask;
    /// <summary>Signals that are ignored (SIG_IGN survives exec).</summary>
    public ulong SignalsIgnored;
    /// <summary>File mode creation mask.</summary>
    public uint FileMask;
    /// <summary>Process slot in vfs that the new personality uses in its requests.</summary>
    public uint ProcessSlot;
}

/// <summary>One open descriptor that crosses exec.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct StartDescriptor
{
    /// <summary>Number.</summary>
    public uint Fd;
    /// <summary>vfs handle.</summary>
    public uint Handle;
    /// <summary>
    /// Bit 0: FD_CLOEXEC; bits 8 and 9: number of the server that has the data, 0 = vfs; others are the personality's own (DescriptorBits.Kept).
    /// </summary>
    public uint Flags;
    /// <summary>Reserved, 0.</summary>
    public uint Reserved;
}

/// <summary>A kernel handle that the supervisor installed, by name (for example "console.ports").</summary>
[StructLayout(LayoutKind.Sequential)]
public struct StartHandle
{
    /// <summary>Offset of the name.</summary>
    public uint Name;
    /// <summary>Index in the space's handle table.</summary>
    public uint Handle;
}

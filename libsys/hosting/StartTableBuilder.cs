using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>Writes a <see cref="StartTable"/>: for servers (supervisor) and for the first program (process).</summary>
public sealed class StartTableBuilder
{
    private readonly List<string> arguments = [];
    private readonly List<string> environment = [];
    private readonly List<StartDescriptor> descriptors = [];
    private readonly List<(string Name, uint Handle)> handles = [];

    /// <summary>Table for a server (its archive entry) or a program (its path).</summary>
    public StartTableBuilder(StartMode mode, string path)
    {
        Mode = mode;
        Path = path;
    }

    /// <summary>How the personality gets the ELF.</summary>
    public StartMode Mode { get; }

    /// <summary>Archive entry, or path in vfs.</summary>
    public string Path { get; }

    /// <summary>File mode creation mask.</summary>
    public uint FileMask { get; set; } = 0x12; // 022, what Linux gives its first process

    /// <summary>The first process's slot in vfs.</summary>
    public uint ProcessSlot { get; set; }

    /// <summary>Adds an argument; the first is the name.</summary>
    public void AddArgument(string argument) => arguments.Add(argument);

    /// <summary>Adds "NAME=value".</summary>
    public void AddSetting(string name, string value) => environment.Add(name + "=" + value);

    /// <summary>Adds an open descriptor, in ascending order.</summary>
    public void AddDescriptor(uint descriptor, uint vfsHandle) => descriptors.Add(new StartDescriptor { Fd = descriptor, Handle = vfsHandle });

    /// <summary>Adds a named kernel handle that was installed in the new space.</summary>
    public void AddHandle(string name, uint handle) => handles.Add((name, handle));

    /// <summary>The table's bytes.</summary>
    public byte[] Build()
    {
        int header = Unsafe.SizeOf<StartTable>();
        var table = new StartTable
        {
            Magic = StartTable.MagicValue,
            Mode = (uint)Mode,
            ArgumentCount = (uint)arguments.Count,
            EnvironmentCount = (uint)environment.Count,
            DescriptorCount = (uint)descriptors.Count,
            HandleCount = (uint)handles.Count,
            PathBase = uint.MaxValue,
            FileMask = FileMask,
            ProcessSlot = ProcessSlot,
        };
        uint offset = (uint)header;
        table.Arguments = Reserve(ref offset, arguments.Count * sizeof(uint));
        table.Environment = Reserve(ref offset, environment.Count * sizeof(uint));
        table.Descriptors = Reserve(ref offset, descriptors.Count * Unsafe.SizeOf<StartDescriptor>());
        table.Handles = Reserve(ref offset, handles.Count * Unsafe.SizeOf<StartHandle>());

        var strings = new MemoryStream();
        uint Text(string text)
        {
            uint at = offset + (uint)strings.Length;
            strings.Write(Encoding.UTF8.GetBytes(text));
            strings.WriteByte(0);
            return at;
        }

        table.Path = Text(Path);
        uint[] argumentOffsets = [.. arguments.Select(Text)];
        uint[] environmentOffsets = [.. environment.Select(Text)];
        StartHandle[] named = [.. handles.Select(entry => new StartHandle { Name = Text(entry.Name), Handle = entry.Handle })];
        table.Length = offset + (uint)strings.Length;

        byte[] bytes = new byte[table.Length];
        MemoryMarshal.Write(bytes, table);
        WriteOffsets(bytes, table.Arguments, argumentOffsets);
        WriteOffsets(bytes, table.Environment, environmentOffsets);
        MemoryMarshal.AsBytes<StartDescriptor>(descriptors.ToArray()).CopyTo(bytes.AsSpan((int)table.Descriptors));
        MemoryMarshal.AsBytes<StartHandle>(named).CopyTo(bytes.AsSpan((int)table.Handles));
        strings.ToArray().CopyTo(bytes, (int)offset);
        return bytes;
    }

    private static uint Reserve(ref uint offset, int length)
    {
        uint start = offset;
        offset += (uint)length;
        return start;
    }

    private static void WriteOffsets(byte[] bytes, uint start, uint[] offsets)
    {
        for (int index = 0; index < offsets.Length; index++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan((int)start + index * sizeof(uint)), offsets[index]);
    }
}

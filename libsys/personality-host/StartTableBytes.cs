using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>Writes a start table the way exec does, from strings of the host.</summary>
internal static unsafe class StartTableBytes
{
    /// <summary>Bytes of the header as the ABI declares it.</summary>
    public static int DeclaredHeaderLength => sizeof(StartTable);

    /// <summary>Bytes of a descriptor as the ABI declares it.</summary>
    public static int DeclaredDescriptorLength => sizeof(StartDescriptor);

    /// <summary>The header.</summary>
    public static StartTable Header(byte[] table) => MemoryMarshal.Read<StartTable>(table);

    /// <summary>Descriptor <paramref name="index"/>.</summary>
    public static StartDescriptor Descriptor(byte[] table, int index) =>
        MemoryMarshal.Read<StartDescriptor>(table.AsSpan((int)Header(table).Descriptors + (index * sizeof(StartDescriptor))));

    /// <summary>The table, or null if it does not fit <paramref name="capacity"/> bytes.</summary>
    public static byte[]? Write(int capacity, byte[] path, byte[][] arguments, byte[][] environment, (uint Number, uint Handle, uint Flags)[] descriptors)
    {
        byte[] memory = new byte[capacity];
        fixed (byte* start = memory)
        {
            var table = new StartTableWriter(start, capacity);
            foreach ((uint number, uint handle, uint flags) in descriptors)
            {
                if (!table.AddDescriptor(number, handle, flags))
                    return null;
            }

            if (!table.ReserveStrings(arguments.Length, environment.Length) || !Place(memory, table, path))
                return null;
            table.AddPath(path.Length);
            for (int i = 0; i < environment.Length; i++)
            {
                if (!Place(memory, table, environment[i]))
                    return null;
                table.AddEnvironment(i, environment[i].Length);
            }

            for (int i = 0; i < arguments.Length; i++)
            {
                if (!Place(memory, table, arguments[i]))
                    return null;
                table.AddArgument(i, arguments[i].Length);
            }

            table.SetState(7, 8, 9, 0x12, 3);
            return memory[..table.Finish()];
        }
    }

    private static bool Place(byte[] memory, StartTableWriter table, byte[] text)
    {
        if (table.Left < text.Length + 1)
            return false;
        text.CopyTo(memory, table.Free);
        return true;
    }
}

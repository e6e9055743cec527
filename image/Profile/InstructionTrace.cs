namespace Microkernel.Image.Profile;

/// <summary>
/// Reads what QEMU writes of each block that it runs (log item <c>exec</c>): <c>Trace 0: 0x7f8f [cs base/address/flags/flags]</c>. With blocks of one
/// instruction it is an address an instruction.
/// </summary>
internal sealed class InstructionTrace(Action<ulong> executed)
{
    private const int BufferLength = 1 << 20;

    private enum Part
    {
        Head,
        Address,
        Rest,
    }

    private Part part;
    private ulong address;

    /// <summary>Hands over each address until the writer has gone.</summary>
    public void Read(Stream trace)
    {
        byte[] buffer = new byte[BufferLength];
        for (int count; (count = trace.Read(buffer)) > 0;)
            Take(buffer.AsSpan(0, count));
    }

    /// <summary>Takes bytes as they arrive.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (value == '\n')
                part = Part.Head;
            else if (part == Part.Head && value == '/')
                (part, address) = (Part.Address, 0);
            else if (part == Part.Address && value == '/')
                End();
            else if (part == Part.Address)
                address = (address << 4) | (uint)Digit(value);
        }
    }

    private void End()
    {
        part = Part.Rest;
        executed(address);
    }

    private static int Digit(byte value) => value <= '9' ? value - '0' : (value | 0x20) - 'a' + 10;
}

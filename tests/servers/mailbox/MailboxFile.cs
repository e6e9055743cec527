using System.Buffers.Binary;
using Libsys.Hosting.Programs;

namespace Servers.Mailbox;

/// <summary>An open mailbox: what one process writes another one reads, first in, first out. Reads wait until there is something.</summary>
internal sealed class MailboxFile(Mailbox mailbox, ProgramCredentials opener) : ProgramFile
{
    /// <inheritdoc/>
    protected override long? Read(Span<byte> buffer)
    {
        if (mailbox.Content.Count == 0 && !buffer.IsEmpty)
            return null;
        int length = 0;
        while (length < buffer.Length && mailbox.Content.TryDequeue(out byte value))
            buffer[length++] = value;
        mailbox.Changed();
        return length;
    }

    /// <inheritdoc/>
    protected override long? Write(ReadOnlySpan<byte> data)
    {
        int room = Mailbox.Capacity - mailbox.Content.Count;
        if (room == 0 && !data.IsEmpty)
            return null;
        int length = Math.Min(data.Length, room);
        foreach (byte value in data[..length])
            mailbox.Content.Enqueue(value);
        mailbox.Changed();
        return length;
    }

    /// <inheritdoc/>
    protected override long? Control(uint number, ulong argument, Span<byte> structure)
    {
        switch (number)
        {
            case MailboxControl.Count or Ioctl.BytesReadable when structure.Length == sizeof(int):
                BinaryPrimitives.WriteInt32LittleEndian(structure, mailbox.Content.Count);
                return 0;
            case MailboxControl.Put when structure.Length == sizeof(int):
                for (int index = 0; index < sizeof(int); index++)
                    mailbox.Content.Enqueue(structure[index]);
                mailbox.Changed();
                return 0;
            case MailboxControl.State when structure.Length == MailboxControl.StateLength:
                uint[] words = [mailbox.Opened, mailbox.Closed, opener.Pid, opener.User, opener.Group, (uint)opener.Groups.Count];
                for (int index = 0; index < words.Length; index++)
                    BinaryPrimitives.WriteUInt32LittleEndian(structure[(index * sizeof(uint))..], words[index]);
                return 0;
            case MailboxControl.Handles when structure.Length == sizeof(int):
                BinaryPrimitives.WriteInt32LittleEndian(structure, (int)mailbox.Handles());
                return 0;
            case MailboxControl.Abort:
                Environment.FailFast("as a client asked");
                return 0;
            case MailboxControl.Discard:
                mailbox.Content.Clear();
                return (long)argument;
            default:
                return base.Control(number, argument, structure);
        }
    }

    /// <inheritdoc/>
    protected override ushort Poll() => (ushort)((mailbox.Content.Count > 0 ? PollEvents.Readable : 0)
        | (mailbox.Content.Count < Mailbox.Capacity ? PollEvents.Writable : 0));

    /// <inheritdoc/>
    protected override void Closed() => mailbox.Closed++;
}

/// <summary>Numbers for ioctl(2): direction and length of the structure as asm-generic/ioctl.h has them, ioctl(2).</summary>
internal static class MailboxControl
{
    public const int StateLength = 24;

    /// <summary>_IOR('m', 1, int): bytes in the mailbox.</summary>
    public const uint Count = 0x8004_6D01;

    /// <summary>_IOW('m', 2, int): four bytes more.</summary>
    public const uint Put = 0x4004_6D02;

    /// <summary>_IOR('m', 3, 6 × u32): descriptions opened, closed; who opened this one: pid, user, group, number of further groups.</summary>
    public const uint State = 0x8018_6D03;

    /// <summary>_IO('m', 4): empties it and returns the argument.</summary>
    public const uint Discard = 0x6D04;

    /// <summary>_IO('m', 5): the runtime gives up, as where no exception can be handled any more.</summary>
    public const uint Abort = 0x6D05;

    /// <summary>_IOR('m', 6, int): handles that the server holds.</summary>
    public const uint Handles = 0x8004_6D06;
}

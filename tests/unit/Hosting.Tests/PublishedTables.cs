namespace Libsys.Hosting.Tests;

public sealed class PublishedTables
{
    [Fact]
    public void A_reader_never_sees_half_an_entry()
    {
        const int Length = 256, Rounds = 20_000;
        using MappedMemory memory = MappedMemory.Allocate(Length);
        var entry = new SequencedEntry(memory, 0, Length);
        var writer = new Thread(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                entry.BeginWrite();
                entry.Bytes[4..].Fill((byte)round);
                entry.EndWrite();
            }
        });
        writer.Start();
        byte[] copy = new byte[Length];
        while (writer.IsAlive)
        {
            if (entry.TryRead(copy))
                Assert.Equal(-1, copy.AsSpan(4).IndexOfAnyExcept(copy[4]));
        }

        writer.Join();
        Assert.True(entry.TryRead(copy));
        Assert.Equal(unchecked((byte)(Rounds - 1)), copy[^1]);
    }

    [Fact]
    public void An_entry_that_is_never_finished_is_given_up()
    {
        using MappedMemory memory = MappedMemory.Allocate(64);
        var entry = new SequencedEntry(memory, 0, 64);
        entry.BeginWrite();
        Assert.False(entry.TryRead(new byte[64]));
    }
}

using System.Text;
using CsCheck;
using Libsys.Messages;
using Libsys.Rings;
using Servers.Drivers.Console.Serial;
using Servers.Drivers.Console.Terminals;

namespace Servers.Drivers.Console.Tests;

public sealed class SerialTerminalTests : IConsoleClient, ISignalTarget
{
    private const ulong OwnGroup = 10 | (10ul << 32);
    private const uint Tcgets = 0x5401, Tcsetsw = 0x5403, Tcsbrk = 0x5409, Tiocsctty = 0x540E, Tiocgpgrp = 0x540F, Tiocspgrp = 0x5410;

    private readonly byte[] pool = new byte[ConsoleLimits.PoolLength];
    private readonly Dictionary<ulong, Completion> answers = [];
    private readonly List<(uint Group, int Number)> signals = [];
    private readonly FakeUart uart = new();
    private readonly SerialTerminal terminal;
    private ulong nextTag = 1;

    public SerialTerminalTests() => terminal = new SerialTerminal(new Uart16550(uart), this);

    Span<byte> IConsoleClient.Buffer(uint offset, uint length) => pool.AsSpan((int)offset, (int)length);

    void IConsoleClient.Complete(in Completion completion) => answers.Add(completion.Tag, completion);

    void ISignalTarget.Signal(uint group, int number) => signals.Add((group, number));

    [Fact]
    public void Everything_written_leaves_in_order_however_slow_the_line_is()
    {
        Gen.Byte.Array[0, 3000].Array[1, 20].Sample(
            pieces =>
            {
                var line = new FakeUart();
                var slow = new SerialTerminal(new Uart16550(line), this);
                var expected = new List<byte>();
                foreach (byte[] piece in pieces)
                {
                    byte[] text = Array.ConvertAll(piece, value => value is (byte)'\n' or (byte)'\t' or (byte)'\r' ? (byte)'x' : value);
                    expected.AddRange(text);
                    Submit(slow, ConsoleOperation.Write, text, OwnGroup);
                }

                while (line.Flush())
                    slow.ServeLine();
                return slow.IsDrained && line.Sent.SequenceEqual(expected);
            },
            iter: 50,
            threads: 1);
    }

    [Fact]
    public void A_write_that_does_not_fit_waits_for_the_line()
    {
        var tags = new List<ulong>();
        for (int count = 0; count < 10; count++)
            tags.Add(Submit(terminal, ConsoleOperation.Write, new byte[4096], OwnGroup));
        Assert.True(answers.ContainsKey(tags[0]));
        Assert.False(answers.ContainsKey(tags[9]));
        while (uart.Flush())
            terminal.ServeLine();
        Assert.True(answers.ContainsKey(tags[9]));
        Assert.Equal(40960, uart.Sent.Count);
    }

    [Fact]
    public void A_transmitter_that_is_busy_interrupts_when_it_is_empty()
    {
        Submit(terminal, ConsoleOperation.Write, new byte[100], OwnGroup);
        Assert.Equal(3, uart.InterruptEnable);
        while (uart.Flush())
            terminal.ServeLine();
        Assert.Equal(1, uart.InterruptEnable);
    }

    [Fact]
    public void A_waiting_read_gets_the_line_that_is_typed()
    {
        ulong tag = Submit(terminal, ConsoleOperation.Read, [], OwnGroup, length: 100, offset: 8192);
        Type("hello\r");
        Assert.Equal(6, answers[tag].Result);
        Assert.Equal("hello\n", Encoding.ASCII.GetString(pool, 8192, 6));
    }

    [Fact]
    public void A_read_can_be_cancelled()
    {
        ulong tag = Submit(terminal, ConsoleOperation.Read, [], OwnGroup, a2: 77, length: 100);
        Submit(terminal, ConsoleOperation.Cancel, [], who: 77);
        Assert.Equal(-4, answers[tag].Result);
        Type("x\n");
        ulong next = Submit(terminal, ConsoleOperation.Read, [], OwnGroup, a3: 1, length: 100);
        Assert.Equal(2, answers[next].Result);
    }

    [Fact]
    public void A_read_that_will_not_wait_says_so()
    {
        ulong tag = Submit(terminal, ConsoleOperation.Read, [], OwnGroup, a3: 1, length: 100);
        Assert.Equal(-11, answers[tag].Result);
    }

    [Fact]
    public void Draining_waits_until_the_last_byte_has_left()
    {
        Submit(terminal, ConsoleOperation.Write, new byte[40], OwnGroup);
        ulong drain = Submit(terminal, ConsoleOperation.Drain, []);
        ulong set = Control(Tcsbrk, argument: 1);
        while (uart.Flush())
        {
            Assert.False(answers.ContainsKey(drain));
            terminal.ServeLine();
        }

        Assert.Equal(0, answers[drain].Result);
        Assert.Equal(0, answers[set].Result);
    }

    [Fact]
    public void Settings_that_wait_for_the_output_do_not_change_what_was_written_before()
    {
        Span<byte> raw = stackalloc byte[36];
        ulong get = Control(Tcgets, length: 36);
        Assert.Equal(0, answers[get].Result);
        pool.AsSpan(0, 36).CopyTo(raw);
        raw[4] = 0; // OPOST off
        Submit(terminal, ConsoleOperation.Write, new byte[20], OwnGroup);
        Submit(terminal, ConsoleOperation.Write, "\n"u8, OwnGroup, offset: 4096);
        raw.CopyTo(pool.AsSpan(8192));
        ulong set = Control(Tcsetsw, length: 36, offset: 8192);
        Submit(terminal, ConsoleOperation.Write, "\n"u8, OwnGroup, offset: 12288);
        while (uart.Flush())
            terminal.ServeLine();
        Assert.Equal(0, answers[set].Result);
        Assert.Equal([13, 10, 13, 10], uart.Sent.Skip(20));
        uart.Sent.Clear();
        Submit(terminal, ConsoleOperation.Write, "\n"u8, OwnGroup);
        uart.Flush();
        Assert.Equal([10], uart.Sent);
    }

    [Fact]
    public void A_standing_poll_is_answered_when_something_changes()
    {
        ulong first = Submit(terminal, ConsoleOperation.Poll, [], who: 0);
        Completion news = answers[first];
        Assert.Equal(0ul, news.V1 & 1);
        ulong second = Submit(terminal, ConsoleOperation.Poll, [], who: news.V0);
        Assert.False(answers.ContainsKey(second));
        Type("a\n");
        Assert.Equal(1ul, answers[second].V1 & 1);
    }

    [Fact]
    public void Keys_signal_the_foreground_group_and_the_background_may_not_read()
    {
        Assert.Equal(0, answers[Control(Tiocsctty, leader: true)].Result);
        Type("\x03");
        Assert.Equal([(10u, 2)], signals);

        pool[0] = 12;
        pool.AsSpan(1, 3).Clear();
        Assert.Equal(0, answers[Control(Tiocspgrp, length: 4)].Result);
        Type("\x1A");
        Assert.Equal((12u, 20), signals[^1]);
        ulong read = Submit(terminal, ConsoleOperation.Read, [], OwnGroup, length: 10);
        Assert.Equal((10u, 21), signals[^1]);
        Assert.Equal(-4, answers[read].Result);
        Assert.Equal(-25, answers[Control(Tiocgpgrp, length: 4, who: 10 | (99ul << 32))].Result);
    }

    [Fact]
    public void An_absent_port_answers_with_an_error()
    {
        var absent = new SerialTerminal(new Uart16550(new FakeUart { IsAbsent = true }), this);
        Assert.Equal(-5, answers[Submit(absent, ConsoleOperation.Write, "x"u8, OwnGroup)].Result);
        Assert.True(absent.IsDrained);
    }

    private void Type(string text)
    {
        foreach (byte value in Encoding.Latin1.GetBytes(text))
            uart.Arriving.Enqueue(value);
        terminal.ServeLine();
    }

    private ulong Control(uint request, int length = 0, uint offset = 0, ulong argument = 0, bool leader = false, ulong who = OwnGroup) =>
        Submit(terminal, ConsoleOperation.Control, [], who, a3: request | (10ul << 32), a4: argument, length: length, offset: offset, flags: leader ? ConsoleLimits.LeaderFlag : (ushort)0);

    private ulong Submit(
        SerialTerminal to, ConsoleOperation operation, ReadOnlySpan<byte> data, ulong who = 0, ulong a2 = 0, ulong a3 = 0, ulong a4 = 0, int length = 0, uint offset = 0,
        ushort flags = 0)
    {
        // Writes that wait keep their buffer, so that each gets one of its own.
        if (offset == 0 && data.Length > 0)
            offset = (uint)(nextTag % ConsoleLimits.Pieces * ConsoleLimits.PieceLength);
        data.CopyTo(pool.AsSpan((int)offset));
        ulong tag = nextTag++;
        to.Submit(new ConsoleRequest(this, new Submission
        {
            Tag = tag, Operation = (ushort)operation, Flags = flags, PoolOffset = offset, PoolLength = (uint)Math.Max(length, data.Length), A1 = who, A2 = a2, A3 = a3, A4 = a4,
        }));
        return tag;
    }
}

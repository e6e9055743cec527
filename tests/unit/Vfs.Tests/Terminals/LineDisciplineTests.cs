using System.Text;
using Servers.Vfs.Terminals;

namespace Servers.Vfs.Tests.Terminals;

public sealed class LineDisciplineTests : IDisciplineSink
{
    private readonly LineDiscipline discipline;
    private readonly List<byte> echo = [];
    private readonly List<int> signals = [];
    private bool isStopped;
    private int arrivals;

    public LineDisciplineTests() => discipline = new LineDiscipline(this);

    private string Echoed => Encoding.ASCII.GetString([.. echo]);

    void IDisciplineSink.Echo(byte value) => echo.Add(value);

    void IDisciplineSink.Signal(int number) => signals.Add(number);

    void IDisciplineSink.OutputStopped(bool isStopped) => this.isStopped = isStopped;

    void IDisciplineSink.InputArrived() => arrivals++;

    void IDisciplineSink.FlushOutput() => echo.Clear();

    [Fact]
    public void A_line_is_readable_when_it_is_complete()
    {
        Type("echo hi");
        Assert.False(discipline.IsReadable);
        Assert.Equal(0, arrivals);
        Type("\r");
        Assert.Equal(1, arrivals);
        Assert.True(discipline.IsReadable);
        Assert.Equal("echo hi\n", Read(100));
        Assert.Equal("echo hi\r\n", Echoed);
        Assert.False(discipline.IsReadable);
    }

    [Fact]
    public void A_short_read_leaves_the_rest_of_the_line()
    {
        Type("abcdef\nxy\n");
        Assert.Equal("abc", Read(3));
        Assert.Equal("def\n", Read(100));
        Assert.Equal("xy\n", Read(100));
    }

    [Fact]
    public void Erase_takes_a_character_back_and_wipes_it()
    {
        Type("ab\x7F");
        Assert.Equal("ab\b \b", Echoed);
        Type("c\n");
        Assert.Equal("ac\n", Read(100));
    }

    [Fact]
    public void Erase_at_the_start_of_a_line_does_nothing()
    {
        Type("old\n\x7F");
        Assert.Equal("old\r\n", Echoed);
        Assert.Equal("old\n", Read(100));
    }

    [Fact]
    public void A_control_character_is_shown_and_erased_as_two_columns()
    {
        Type("\x01\x7F\n");
        Assert.Equal("^A\b \b\b \b\r\n", Echoed);
        Assert.Equal("\n", Read(100));
    }

    [Fact]
    public void A_tab_is_erased_to_the_column_before_it()
    {
        Type("ab\t\x7F");
        Assert.Equal("ab\t\b\b\b\b\b\b", Echoed);
    }

    [Fact]
    public void Kill_takes_the_line_back_and_word_erase_the_last_word()
    {
        Type("rm -rf\x15");
        Type("one two \x17");
        Type("three\n");
        Assert.Equal("one three\n", Read(100));
    }

    [Fact]
    public void End_of_file_ends_a_line_without_being_part_of_it()
    {
        Type("ab\x04");
        Assert.Equal("ab", Read(100));
        Assert.False(discipline.IsReadable);
        Type("\x04");
        Assert.True(discipline.IsReadable);
        Assert.Equal("", Read(100));
        Assert.False(discipline.IsReadable);
    }

    [Fact]
    public void A_read_of_just_the_line_consumes_its_end_of_file_too()
    {
        Type("abc\x04");
        Assert.Equal("abc", Read(3));
        Assert.False(discipline.IsReadable);
    }

    [Fact]
    public void Keys_signal_and_drop_what_was_typed()
    {
        Type("half a line\x03");
        Assert.Equal([2], signals);
        Assert.EndsWith("^C", Echoed, StringComparison.Ordinal);
        Type("x\n\x1A\x1C");
        Assert.Equal([2, 20, 3], signals);
        Assert.False(discipline.IsReadable);
    }

    [Fact]
    public void Stop_and_start_hold_the_output_and_are_not_input()
    {
        Type("\x13");
        Assert.True(isStopped);
        Type("\x11" + "a\n");
        Assert.False(isStopped);
        Assert.Equal("a\n", Read(10));
    }

    [Fact]
    public void Output_that_a_program_held_goes_on_only_when_a_program_says_so()
    {
        discipline.SetHeld(true);
        Type("\x11");
        Assert.True(isStopped);
        Type("\x13");
        discipline.SetHeld(false);
        Assert.False(isStopped);
    }

    [Fact]
    public void With_IXANY_any_character_starts_the_output_again()
    {
        Set(InputFlags.StartStop | InputFlags.AnyRestarts, OutputFlags.None, LocalFlags.None, minimum: 1);
        Type("\x13");
        Assert.True(isStopped);
        Type("a");
        Assert.False(isStopped);
        Assert.Equal("a", Read(10));
    }

    [Fact]
    public void A_full_queue_takes_no_more_but_a_line_can_still_end()
    {
        Type(new string('x', 3000) + "\n" + new string('y', 1094));
        Assert.False(discipline.CanReceive);
        Assert.Equal(3001, Read(5000).Length);
        Assert.True(discipline.CanReceive);
    }

    [Fact]
    public void The_next_character_may_be_quoted()
    {
        Type("\x16\x03\n");
        Assert.Empty(signals);
        Assert.Equal("\x03\n", Read(10));
    }

    [Fact]
    public void Raw_mode_gives_each_byte_as_it_is()
    {
        Set(InputFlags.None, OutputFlags.None, LocalFlags.None, minimum: 1);
        Type("\x03\r\x7F\x04");
        Assert.Empty(signals);
        Assert.Empty(echo);
        Assert.Equal("\x03\r\x7F\x04", Read(10));
    }

    [Fact]
    public void What_was_typed_is_readable_after_leaving_canonical_mode()
    {
        Type("abc");
        Set(InputFlags.None, OutputFlags.None, LocalFlags.None, minimum: 1);
        Assert.True(discipline.IsReadable);
        Assert.Equal("abc", Read(10));
    }

    [Fact]
    public void A_line_that_is_too_long_still_ends()
    {
        Type(new string('x', 5000) + "\n");
        Assert.True(discipline.IsReadable);
        Assert.Equal(4096, Read(5000).Length);
    }

    [Fact]
    public void Without_canonical_mode_the_literal_key_is_a_key()
    {
        Set(InputFlags.None, OutputFlags.None, LocalFlags.Extended, minimum: 1);
        Type("\x16\x03");
        Assert.Equal("\x16\x03", Read(100));
    }

    [Fact]
    public void Settings_survive_the_way_through_the_structure()
    {
        Span<byte> first = stackalloc byte[Termios.Length];
        Span<byte> second = stackalloc byte[Termios.Length];
        discipline.Settings.Write(first);
        discipline.Change(first);
        discipline.Settings.Write(second);
        Assert.True(first.SequenceEqual(second));
        Assert.Equal(0x500u, BitConverter.ToUInt32(first));
        Assert.Equal(0x5u, BitConverter.ToUInt32(first[4..]));
        Assert.Equal(0x8A3Bu, BitConverter.ToUInt32(first[12..]));
    }

    [Theory]
    [InlineData("a\nb", "a\r\nb")]
    [InlineData("\r\n", "\r\r\n")]
    public void Newlines_are_completed_on_output(string written, string sent)
    {
        var output = new List<byte>();
        Span<byte> part = stackalloc byte[OutputProcessor.LongestExpansion];
        foreach (byte value in Encoding.ASCII.GetBytes(written))
            output.AddRange(part[..discipline.Output.Process(value, part)]);
        Assert.Equal(sent, Encoding.ASCII.GetString([.. output]));
    }

    private void Type(string text)
    {
        foreach (byte value in Encoding.Latin1.GetBytes(text))
            discipline.Receive(value);
    }

    private string Read(int length)
    {
        var buffer = new byte[length];
        return Encoding.Latin1.GetString(buffer, 0, discipline.Read(buffer));
    }

    private void Set(InputFlags input, OutputFlags output, LocalFlags local, byte minimum)
    {
        Span<byte> termios = stackalloc byte[Termios.Length];
        discipline.Settings.Write(termios);
        BitConverter.TryWriteBytes(termios, (uint)input);
        BitConverter.TryWriteBytes(termios[4..], (uint)output);
        BitConverter.TryWriteBytes(termios[12..], (uint)local);
        termios[17 + (int)ControlCharacter.Minimum] = minimum;
        discipline.Change(termios);
    }
}

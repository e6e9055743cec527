namespace Servers.Supervisor.Tests;

public sealed class ReadingTheClock
{
    private static Func<byte, byte> Registers(params (byte Register, byte Value)[] values) =>
        register => values.FirstOrDefault(entry => entry.Register == register).Value;

    [Fact]
    public void Decimal_digits_and_24_hours_are_read()
    {
        Func<byte, byte> registers = Registers((0, 0x59), (2, 0x30), (4, 0x23), (7, 0x29), (8, 0x02), (9, 0x24), (0x32, 0x20), (11, 2));
        Assert.True(RealTimeClock.TryRead(registers, out DateTime time));
        Assert.Equal(new DateTime(2024, 2, 29, 23, 30, 59, DateTimeKind.Utc), time);
    }

    [Fact]
    public void Binary_numbers_and_12_hours_are_read()
    {
        Func<byte, byte> registers = Registers((0, 1), (2, 2), (4, 0x80 | 12), (7, 3), (8, 4), (9, 26), (0x32, 20), (11, 4));
        Assert.True(RealTimeClock.TryRead(registers, out DateTime time));
        Assert.Equal(new DateTime(2026, 4, 3, 12, 2, 1, DateTimeKind.Utc), time);
    }

    [Fact]
    public void An_update_in_between_is_read_again()
    {
        int reads = 0;
        byte Register(byte register) => register switch
        {
            0 => (byte)(reads++ == 0 ? 0x58 : 0x59),
            7 => 1,
            8 => 1,
            9 => 0x26,
            11 => 2,
            _ => 0,
        };
        Assert.True(RealTimeClock.TryRead(Register, out DateTime time));
        Assert.Equal(59, time.Second);
    }

    [Fact]
    public void A_clock_that_is_always_busy_or_shows_nonsense_gives_no_time()
    {
        Assert.False(RealTimeClock.TryRead(register => register == 10 ? (byte)0x80 : (byte)1, out _));
        Assert.False(RealTimeClock.TryRead(_ => 0xFF, out _));
        Assert.False(RealTimeClock.TryRead(Registers((8, 0x13), (7, 1), (11, 2)), out _));
    }
}

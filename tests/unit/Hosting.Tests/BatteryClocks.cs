using CsCheck;
using Libsys.Hosting.Devices;

namespace Libsys.Hosting.Tests;

public sealed class BatteryClocks
{
    private static BatteryClock Clock(params (byte Register, byte Value)[] values) =>
        new(register => values.FirstOrDefault(entry => entry.Register == register).Value, (_, _) => { });

    [Fact]
    public void Decimal_digits_and_24_hours_are_read()
    {
        BatteryClock clock = Clock((0, 0x59), (2, 0x30), (4, 0x23), (7, 0x29), (8, 0x02), (9, 0x24), (0x32, 0x20), (11, 2));
        Assert.True(clock.TryRead(out DateTime time));
        Assert.Equal(new DateTime(2024, 2, 29, 23, 30, 59, DateTimeKind.Utc), time);
    }

    [Fact]
    public void Binary_numbers_and_12_hours_are_read()
    {
        BatteryClock clock = Clock((0, 1), (2, 2), (4, 0x80 | 12), (7, 3), (8, 4), (9, 26), (0x32, 20), (11, 4));
        Assert.True(clock.TryRead(out DateTime time));
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
        Assert.True(new BatteryClock(Register, (_, _) => { }).TryRead(out DateTime time));
        Assert.Equal(59, time.Second);
    }

    [Fact]
    public void A_clock_that_is_always_busy_or_shows_nonsense_gives_no_time()
    {
        Assert.False(new BatteryClock(register => register == 10 ? (byte)0x80 : (byte)1, (_, _) => { }).TryRead(out _));
        Assert.False(new BatteryClock(_ => 0xFF, (_, _) => { }).TryRead(out _));
        Assert.False(Clock((8, 0x13), (7, 1), (11, 2)).TryRead(out _));
    }

    [Fact]
    public void What_is_set_is_read_back_in_every_mode_and_the_modes_stay()
    {
        Gen.Select(Gen.DateTime[new DateTime(1970, 1, 1), new DateTime(2999, 12, 31)], Gen.Int[0, 3]).Sample((given, mode) =>
        {
            DateTime time = new(given.Ticks - given.Ticks % TimeSpan.TicksPerSecond, DateTimeKind.Utc);
            byte[] registers = new byte[0x80];
            (registers[10], registers[11]) = (0x26, (byte)(mode << 1));
            var clock = new BatteryClock(register => registers[register], (register, value) => registers[register] = value);
            Assert.True(clock.TrySet(time));
            Assert.Equal((0x26, mode << 1), (registers[10], registers[11]));
            Assert.True(clock.TryRead(out DateTime read));
            Assert.Equal(time, read);
        });
    }

    [Fact]
    public void Nothing_is_written_while_the_clock_counts()
    {
        byte[] registers = new byte[0x80];
        (registers[10], registers[11]) = (0x26, 2);
        var torn = new List<byte>();
        var clock = new BatteryClock(register => registers[register], (register, value) =>
        {
            if (register is not (10 or 11) && (registers[11] & 0x80) == 0)
                torn.Add(register);
            registers[register] = value;
        });
        Assert.True(clock.TrySet(new DateTime(2026, 1, 2, 3, 4, 5)));
        Assert.Empty(torn);
    }

    [Theory]
    [InlineData(1969)]
    [InlineData(3000)]
    public void A_year_that_the_registers_cannot_say_is_refused(int year)
    {
        var clock = new BatteryClock(_ => 0, (_, _) => Assert.Fail("written"));
        Assert.False(clock.TrySet(new DateTime(year, 6, 1)));
    }

    [Fact]
    public void Interrupts_are_switched_and_taken_without_touching_the_modes()
    {
        byte[] registers = new byte[0x80];
        (registers[11], registers[12]) = (2, 0x90);
        var clock = new BatteryClock(register => registers[register], (register, value) => registers[register] = value);
        clock.InterruptUpdates(true);
        Assert.Equal(0x12, registers[11]);
        Assert.True(clock.TakeUpdate());
        clock.InterruptUpdates(false);
        Assert.Equal(2, registers[11]);
    }
}

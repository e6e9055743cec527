using CsCheck;
using Servers.Vfs.Terminals.Serial;

namespace Servers.Drivers.Console.Tests;

/// <summary>A driver that is killed at any moment loses nothing, doubles nothing, tears nothing, in either direction.</summary>
public sealed class RestartTests
{
    private enum Step
    {
        Write,
        Arrive,
        Flush,
        Kill,
    }

    [Fact]
    public void Every_byte_passes_once_and_in_order_however_often_the_driver_is_killed() =>
        Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 120]).Array[1, 120].Sample(
            steps =>
            {
                var uart = new FakeUart();
                var system = new TerminalOnDriver(uart);
                byte next = 0;
                var written = new List<byte>();
                var arrived = new List<byte>();
                foreach ((Step step, int amount) in steps)
                {
                    switch (step)
                    {
                        case Step.Write:
                            byte[] data = Numbered(amount * 7, ref next);
                            written.AddRange(data);
                            system.Write(data);
                            break;
                        case Step.Arrive:
                            foreach (byte value in Numbered(amount, ref next))
                            {
                                arrived.Add(value);
                                uart.Arriving.Enqueue(value);
                            }

                            break;
                        case Step.Flush:
                            uart.Flush();
                            break;
                        default:
                            uart.StepsToLive = amount;
                            break;
                    }

                    system.Run();
                }

                uart.StepsToLive = -1;
                system.Finish();
                return uart.Sent.SequenceEqual(written) && system.Read.SequenceEqual(arrived);
            },
            iter: 300,
            threads: 1);

    [Fact]
    public void A_driver_killed_at_every_single_step_in_turn_loses_nothing()
    {
        for (int steps = 0; steps < 400; steps++)
        {
            var uart = new FakeUart();
            var system = new TerminalOnDriver(uart);
            byte next = 0;
            byte[] data = Numbered(200, ref next);
            byte[] typed = Numbered(90, ref next);
            uart.StepsToLive = steps;
            system.Write(data);
            foreach (byte value in typed)
                uart.Arriving.Enqueue(value);
            system.Run();
            system.Finish();
            Assert.Equal(data, uart.Sent);
            Assert.Equal(typed, system.Read);
        }
    }

    [Fact]
    public void Draining_is_over_only_when_the_last_byte_has_left()
    {
        var uart = new FakeUart();
        var system = new TerminalOnDriver(uart);
        system.Write(new byte[40]);
        system.Run();
        ulong mark = system.Terminal.Line.Mark;
        Assert.False(system.Terminal.Line.HasLeft(mark));
        system.Finish();
        Assert.True(system.Terminal.Line.HasLeft(mark));
        Assert.Equal(40, uart.Sent.Count);
    }

    [Fact]
    public void A_port_without_a_device_answers_with_an_error()
    {
        var system = new TerminalOnDriver(new FakeUart { IsAbsent = true });
        system.Run();
        Assert.False(system.Terminal.Line.IsPresent);
    }

    [Fact]
    public void A_busy_transmitter_interrupts_when_it_is_empty()
    {
        var uart = new FakeUart();
        var system = new TerminalOnDriver(uart);
        system.Write(new byte[100]);
        system.Run();
        Assert.Equal(3, uart.InterruptEnable);
        system.Finish();
        Assert.Equal(1, uart.InterruptEnable);
    }

    private static byte[] Numbered(int length, ref byte next)
    {
        var bytes = new byte[length];
        for (int index = 0; index < length; index++)
            bytes[index] = next++;
        return bytes;
    }
}

using Servers.Drivers.Pci.Bus;

namespace Servers.Drivers.Pci.Tests;

/// <summary>Resets of a function whose configuration space is lost by them, as a device's is.</summary>
public sealed class FunctionResetTests
{
    private const uint SomeDevice = 0x1042_1AF4;
    private const int Command = 4, CacheLine = 0x0C, Capabilities = 0x34, Line = 0x3C;
    private const uint HasCapabilities = 1u << 20;

    // Where the capability under test is, and MSI-X behind it.
    private const int At = 0x40, Messages = 0xA0;

    private readonly TestBus bus = new();
    private readonly List<int> waits = [];
    private int resets;

    [Fact]
    public void Function_level_reset_loses_everything_and_what_the_function_answers_at_is_written_again()
    {
        Function function = Make(0x0002_0010 | Messages << 8);
        bus.Set(0, At + 4, 1u << 28);
        bus.Set(0, At + 8, 0x2810, 0xFFFF);
        bus.Set(0, At + 0x28, 0x0009, 0xFFFF);
        LoseBy(At + 8, static value => (value & 1u << 15) != 0, At + 8, At + 0x28);
        var reset = new FunctionReset(function, waits.Add);
        Assert.Equal(ResetMethod.FunctionLevel, reset.Method);
        Assert.True(reset.TryReset());
        Assert.Equal([1, .. (int[])[100]], [resets, .. waits]);
        ExpectRestored();
        Assert.Equal((0x2810u, 0x0009u), (bus.Read(0, At + 8) & 0xFFFF, bus.Read(0, At + 0x28)));
    }

    [Fact]
    public void Advanced_features_reset_what_is_none_of_Pci_Express()
    {
        Function function = Make(0x0306_0013 | Messages << 8);
        bus.Set(0, At + 4, 0, 0xFF);
        LoseBy(At + 4, static value => value == 1, At + 4);
        var reset = new FunctionReset(function, waits.Add);
        Assert.Equal(ResetMethod.AdvancedFeatures, reset.Method);
        Assert.True(reset.TryReset());
        Assert.Equal([1, .. (int[])[100]], [resets, .. waits]);
        ExpectRestored();
    }

    [Fact]
    public void Power_states_reset_what_does_not_keep_its_state_on_the_way_back()
    {
        Function function = Make(0x0003_0001 | Messages << 8);
        bus.Set(0, At + 4, 0, 3);
        bool wasOff = false;
        LoseBy(At + 4, value => (wasOff |= (value & 3) == 3) && (value & 3) == 0, At + 4);
        var reset = new FunctionReset(function, waits.Add);
        Assert.Equal(ResetMethod.PowerState, reset.Method);
        Assert.True(reset.TryReset());
        Assert.Equal([1, .. (int[])[10, 10]], [resets, .. waits]);
        ExpectRestored();
        bus.Set(0, At + 4, 1 << 3, 3);
        Assert.Equal(ResetMethod.None, reset.Method);
        Assert.False(reset.TryReset());
    }

    [Fact]
    public void Without_a_way_to_be_reset_a_function_is_cut_off_and_nothing_else()
    {
        Function function = Make(0x0000_0010);
        function.Enable();
        Assert.False(new FunctionReset(function, waits.Add).TryReset());
        Assert.Equal((0u, 0), (bus.Read(0, Command) & 4, waits.Count));
        Assert.Equal(0xFEBF_E000u, bus.Read(0, 0x10));
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(1000, false)]
    public void A_function_may_ask_for_more_time_but_not_for_ever(int steps, bool isBack)
    {
        Function function = Make(0x0002_0010 | Messages << 8);
        bus.Set(0, At + 4, 1u << 28);
        bus.Set(0, At + 8, 0, 0xFFFF);
        LoseBy(At + 8, static value => (value & 1u << 15) != 0, At + 8);
        bus.Answer = (_, offset, word) => resets > 0 && offset == 0 && waits.Count < steps ? uint.MaxValue : word;
        Assert.Equal(isBack, new FunctionReset(function, waits.Add).TryReset());
        Assert.InRange(waits.Sum(), 100, 1100);
    }

    [Fact]
    public void Requests_on_their_way_get_their_time_before_and_not_more()
    {
        Function function = Make(0x0002_0010 | Messages << 8);
        bus.Set(0, At + 4, 1u << 28);
        bus.Set(0, At + 8, 1u << 21, 0xFFFF | 1u << 21);
        LoseBy(At + 8, static value => (value & 1u << 15) != 0, At + 8);
        Assert.True(new FunctionReset(function, waits.Add).TryReset());
        Assert.Equal(200, waits.Sum());
    }

    [Fact]
    public void A_function_that_does_not_keep_its_registers_or_does_not_let_memory_alone_is_not_reset()
    {
        Function function = Make(0x0002_0010 | Messages << 8);
        bus.Set(0, At + 4, 1u << 28);
        bus.Set(0, At + 8, 0, 0xFFFF);
        LoseBy(At + 8, static value => (value & 1u << 15) != 0, At + 8);
        bus.Answer = (_, offset, word) => resets > 0 && offset == 0x20 ? 0 : word;
        Assert.False(new FunctionReset(function, waits.Add).TryReset());
        bus.Answer = static (_, offset, word) => offset == Command ? word | 4 : word;
        Assert.False(new FunctionReset(function, waits.Add).TryReset());
    }

    // A function with registers in memory, one of 64 bits, and messages, that works.
    private Function Make(uint capability)
    {
        bus.Add(0, SomeDevice);
        bus.Set(0, Command, HasCapabilities | 6, 0x547);
        bus.Set(0, CacheLine, 0x10, 0xFF);
        bus.Set(0, 0x10, 0xFEBF_E000, 0xFFFF_F000);
        bus.Set(0, 0x20, 0xFEBF_800C, 0xFFFF_C000);
        bus.Set(0, 0x24, 0x0000_0012, 0xFFFF_FFFF);
        bus.Set(0, Line, 0x0B, 0xFF);
        bus.Set(0, Capabilities, At);
        bus.Set(0, At, capability);
        bus.Set(0, Messages, 0x8002_0011, 0xC000_0000);
        var function = new Function(bus, 0);
        Enumeration.Size(function);
        return function;
    }

    private void LoseBy(int register, Func<uint, bool> isReset, params int[] more)
    {
        bus.Writing = (_, offset, value) =>
        {
            if (offset != register || !isReset(value))
                return;
            resets++;
            Action<int, int, uint> told = bus.Writing;
            bus.Writing = static (_, _, _) => { };
            foreach (int lost in (int[])[Command, CacheLine, 0x10, 0x20, 0x24, Line, Messages, .. more])
                bus.Write(0, lost, 0);
            bus.Writing = told;
            // The bit reads as zero.
            Func<int, int, uint, uint> answer = bus.Answer;
            bus.Answer = (address, at, word) => at == register ? word & ~(1u << 15) : answer(address, at, word);
        };
    }

    private void ExpectRestored()
    {
        Assert.Equal([0xFEBF_E000u, 0xFEBF_800C, 0x12], ((int[])[0x10, 0x20, 0x24]).Select(offset => bus.Read(0, offset)));
        Assert.Equal((0x10u, 0x0Bu), (bus.Read(0, CacheLine) & 0xFF, bus.Read(0, Line) & 0xFF));
        // It reaches no memory, and sends no message, until it is asked to again.
        Assert.Equal((0u, 0u), (bus.Read(0, Command) & 4, bus.Read(0, Messages) & 1u << 31));
    }
}

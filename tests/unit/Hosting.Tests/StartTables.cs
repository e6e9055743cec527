using CsCheck;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Hosting.Tests;

public sealed class StartTables
{
    private static MappedMemory Memory(byte[] bytes)
    {
        MappedMemory memory = MappedMemory.Allocate(bytes.Length);
        bytes.CopyTo(memory.Span(0, bytes.Length));
        return memory;
    }

    private static byte[] Table()
    {
        var builder = new StartTableBuilder(StartMode.Server, "vfs");
        builder.AddArgument("vfs");
        builder.AddArgument("second");
        builder.AddSetting(StartSetting.Generation, "3");
        builder.AddSetting(StartSetting.InterruptBits + "com1.interrupt", "512");
        builder.AddHandle("console", 70);
        builder.AddHandle("com1.interrupt", 71);
        builder.AddDescriptor(0, 5);
        return builder.Build();
    }

    [Fact]
    public void What_the_supervisor_writes_is_what_the_server_reads()
    {
        ServerContext context = ServerContext.Parse(Memory(Table()));
        Assert.Equal("vfs", context.Name);
        Assert.Equal(["second"], context.Arguments);
        Assert.Equal(3u, context.Generation);
        Assert.Equal(70u, context.Handle("console").Index);
        Assert.Equal(new Interrupt(71, 512), context.Interrupt("com1.interrupt"));
        Assert.False(context.FindHandle("power").IsValid);
        Assert.Throws<InvalidDataException>(() => context.Handle("power"));
    }

    [Fact]
    public void The_header_tells_the_length_and_where_the_path_is()
    {
        byte[] bytes = Table();
        StartTable header = Memory(bytes).Read<StartTable>(0);
        Assert.Equal((uint)bytes.Length, header.Length);
        Assert.Equal("vfs\0"u8.ToArray(), bytes[(int)header.Path..((int)header.Path + 4)]);
        Assert.Equal(1u, header.DescriptorCount);
        Assert.Equal(0u, header.Descriptors % 4);
    }

    [Fact]
    public void A_damaged_table_is_refused_and_nothing_worse()
    {
        byte[] table = Table();
        Gen.Select(Gen.Int[0, table.Length - 1], Gen.Byte).Array[1, 4].Sample(changes =>
        {
            byte[] damaged = (byte[])table.Clone();
            foreach ((int position, byte value) in changes)
                damaged[position] = value;
            try
            {
                ServerContext.Parse(Memory(damaged));
            }
            catch (Exception error) when (error is InvalidDataException or ArgumentOutOfRangeException)
            {
            }
        });
    }
}

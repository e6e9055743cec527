using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Vfs.Tests;

/// <summary>What a program sees of a handle in memory: the steps of the personality.</summary>
internal sealed class ShownSlot(MappedMemory area, ulong number)
{
    private const int Enough = 30;

    public bool IsLent => (Word & FileSlots.Lent) != 0;

    public uint Shown => (area.ReadUInt32(At(FileSlots.Sequence)) & 1) != 0 ? area.ReadUInt32(At(FileSlots.Flags)) : 0;

    public long Size => (long)area.ReadUInt64(At(FileSlots.Size));

    public TestStat Record => TestStat.Read(area.Span(At(FileSlots.Record), StatLayout.Length));

    public ulong Word
    {
        get => area.ReadUInt64(At(FileSlots.Offset));
        set => area.WriteUInt64(At(FileSlots.Offset), value);
    }

    public ulong Accessed
    {
        set => area.WriteUInt64(At(FileSlots.Accessed), value);
    }

    /// <summary>Asks for the offset until the handle has a slot, the first of its space.</summary>
    public static ShownSlot Show(TestClient client, long handle)
    {
        ulong told = Told(client, handle);
        Assert.Equal(FileSlots.AreaWanted, told);
        Assert.Equal(0, client.Call(VfsOperation.MapFileArea, a0: Window.FileArea));
        ulong number = Told(client, handle) - 1;
        Assert.InRange(number, 0ul, FileSlots.Count - 1);
        return new ShownSlot(client.Channel.Sources[Window.FileArea].Memory, number);
    }

    public void Move(long distance) => Word += (ulong)distance;

    private static ulong Told(TestClient client, long handle)
    {
        ulong told = 0;
        for (int round = 0; round < Enough && told == 0; round++)
        {
            client.Call(VfsOperation.Seek, a0: (ulong)handle, a1: 0, a2: 1);
            told = client.Last.V2;
        }

        return told;
    }

    private ulong At(uint offset) => number * FileSlots.Length + offset;
}

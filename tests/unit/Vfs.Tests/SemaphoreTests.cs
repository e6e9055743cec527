using System.Buffers.Binary;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.SystemV;

namespace Servers.Vfs.Tests;

/// <summary>System V semaphores: all operations or none, waits, what is taken back; and arguments that lie.</summary>
public sealed class SemaphoreTests
{
    private const uint OwnerOnly = 0x180; // 0600

    private readonly TestSystem system = new();
    private readonly TestClient client;

    public SemaphoreTests() => client = system.NewClient(1);

    /// <summary>Random operations of three processes that end and come again give what a model of numbers gives.</summary>
    [Fact]
    public void Random_operations_give_what_arithmetic_gives()
    {
        const int count = 3, processes = 3;
        int id = Make(count);
        SemaphoreSet set = system.SystemV.Semaphores.Table.Find(id)!;
        var random = new Random(7);
        var values = new int[count];
        var back = new int[processes][];
        TestClient[] clients = [.. Enumerable.Range(0, processes).Select(number => system.NewClient((uint)number + 10))];
        for (int number = 0; number < processes; number++)
            back[number] = new int[count];
        for (int turn = 0; turn < 20_000; turn++)
        {
            int who = random.Next(processes);
            if (random.Next(20) == 0)
            {
                system.Registry.Detach(clients[who].Connection.Id);
                for (int number = 0; number < count; number++)
                    values[number] = Math.Clamp(values[number] + back[who][number], 0, 32767);
                back[who] = new int[count];
                clients[who] = system.NewClient((uint)who + 10);
            }

            var steps = new (int Number, int Change, int Flags)[random.Next(1, 5)];
            for (int step = 0; step < steps.Length; step++)
            {
                int change = random.Next(-4, 5) * (random.Next(50) == 0 ? 8000 : 1);
                steps[step] = (random.Next(count), change, random.Next(2) * SemaphoreNumbers.Undo + (int)SystemVNumbers.NoWait);
            }

            int[] tried = [.. values], adjusted = [.. back[who]];
            var expected = Errno.None;
            foreach ((int number, int change, int flags) in steps)
            {
                bool isUndone = flags >= SemaphoreNumbers.Undo && change != 0;
                if (change == 0 ? tried[number] != 0 : tried[number] + change < 0)
                    expected = Errno.EAGAIN;
                else if (tried[number] + change > 32767 || (isUndone && Math.Abs(adjusted[number] - change + 0.5) > 32768))
                    expected = Errno.ERANGE;
                if (expected != Errno.None)
                    break;
                tried[number] += change;
                adjusted[number] -= isUndone ? change : 0;
            }

            Assert.Equal(-(long)expected, Operate(clients[who], id, steps));
            if (expected == Errno.None)
                (values, back[who]) = (tried, adjusted);
            Assert.Equal(values, set.Values.ToArray().Select(value => (int)value));
        }
    }

    [Fact]
    public void Who_waits_goes_on_with_all_or_gets_told_that_the_set_is_gone()
    {
        int id = Make(2);
        TestClient waiter = system.NewClient(2), other = system.NewClient(3);
        ulong tag = Wait(waiter, id, (0, -2, 0), (1, 1, 0)), second = Wait(other, id, (1, -1, 0));
        const uint increases = SemaphoreNumbers.CountIncreases;
        Assert.Equal((1, 1, 0), (Count(id, 0, increases), Count(id, 1, increases), Count(id, 0, SemaphoreNumbers.CountZeros)));
        Assert.Equal(0, Operate(client, id, (0, 1, 0)));
        Assert.False(waiter.TryFinish(tag, out _));
        Assert.Equal(0, Operate(client, id, (0, 1, 0)));
        Assert.True(waiter.TryFinish(tag, out long result) && result == 0);
        Assert.True(other.TryFinish(second, out result) && result == 0); // by what the first has added
        Assert.Equal(0, Count(id, 0, SemaphoreNumbers.CountIncreases));

        tag = Wait(waiter, id, (0, -1, 0));
        second = Wait(other, id, (0, -1, 0));
        Assert.Equal(0, other.Call(VfsOperation.Cancel, a0: second));
        Assert.True(other.TryFinish(second, out result) && result == -(long)Errno.EINTR);
        Assert.Equal(1, Count(id, 0, SemaphoreNumbers.CountIncreases));
        Assert.Equal(0, Control(id, SystemVNumbers.Remove));
        Assert.True(waiter.TryFinish(tag, out result) && result == -(long)Errno.EIDRM);
        Assert.Equal(-(long)Errno.EINVAL, Operate(client, id, (0, 0, 0)));
    }

    [Fact]
    public void What_ended_processes_waited_for_or_would_take_back_is_forgotten()
    {
        int id = Make(2);
        SemaphoreSet set = system.SystemV.Semaphores.Table.Find(id)!;
        TestClient waiter = system.NewClient(2);
        Wait(waiter, id, (0, -1, 0));
        system.Registry.Detach(waiter.Connection.Id);
        Assert.Equal(0, Count(id, 0, SemaphoreNumbers.CountIncreases));
        TestClient taker = system.NewClient(3);
        Assert.Equal(0, Operate(taker, id, (0, 3, SemaphoreNumbers.Undo), (1, 2, SemaphoreNumbers.Undo)));
        Assert.Equal(0, client.Call(VfsOperation.ControlSemaphores, a0: (ulong)id, a1: SemaphoreNumbers.SetValue, a2: 0, a3: 9));
        system.Registry.Detach(taker.Connection.Id);
        Assert.Equal([9, 0], set.Values.ToArray());
        taker = system.NewClient(3);
        Assert.Equal(0, Operate(taker, id, (0, 3, SemaphoreNumbers.Undo)));
        Assert.Equal(0, Control(id, SystemVNumbers.Remove));
        system.Registry.Detach(taker.Connection.Id);
    }

    /// <summary>Sets and what is taken back are paid for, and what is paid comes back.</summary>
    [Fact]
    public void Memory_for_sets_is_bounded_and_comes_back()
    {
        for (int round = 0; round < 2; round++)
        {
            var made = new List<long>();
            long id;
            while ((id = client.Call(VfsOperation.GetSemaphores, a1: SemaphoreNumbers.MostOfSet, a2: OwnerOnly)) >= 0)
            {
                made.Add(id);
                // The last one may have no room for what would be taken back.
                Assert.True(Operate(client, (int)id, (0, 1, SemaphoreNumbers.Undo)) is 0 or -(long)Errno.ENOMEM);
            }

            Assert.Equal(-(long)Errno.ENOMEM, id);
            Assert.Equal(32, made.Count);
            made.ForEach(one => Control((int)one, SystemVNumbers.Remove));
        }
    }

    [Fact]
    public void Numbers_that_lie_are_refused()
    {
        int id = Make(2);
        Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.OperateSemaphores, new byte[6], a0: (ulong)id, a1: 2));
        Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.OperateSemaphores, new byte[6], a0: (ulong)id, a1: 0));
        Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.OperateSemaphores, new byte[6], a0: (ulong)id, a1: ulong.MaxValue));
        Assert.Equal(-(long)Errno.EFBIG, Operate(client, id, (2, 1, 0)));
        Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.ControlSemaphores, new byte[2], a0: (ulong)id, a1: SemaphoreNumbers.SetAll));
        foreach (uint command in new[] { SystemVNumbers.Stat, SystemVNumbers.Set, SemaphoreNumbers.SemaphoreInformation, SystemVNumbers.Information })
            Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.ControlSemaphores, new byte[10], a0: (ulong)id, a1: command));
    }

    private int Make(int count)
    {
        long id = client.Call(VfsOperation.GetSemaphores, a1: (ulong)count, a2: OwnerOnly);
        Assert.InRange(id, 0, int.MaxValue);
        return (int)id;
    }

    private static byte[] Bytes((int Number, int Change, int Flags)[] steps)
    {
        var bytes = new byte[steps.Length * SemaphoreLayout.OperationLength];
        for (int step = 0; step < steps.Length; step++)
        {
            Span<byte> at = bytes.AsSpan(step * SemaphoreLayout.OperationLength);
            BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)steps[step].Number);
            BinaryPrimitives.WriteInt16LittleEndian(at[SemaphoreLayout.Change..], (short)steps[step].Change);
            BinaryPrimitives.WriteUInt16LittleEndian(at[SemaphoreLayout.Flags..], (ushort)steps[step].Flags);
        }

        return bytes;
    }

    private static long Operate(TestClient by, int id, params (int Number, int Change, int Flags)[] steps) =>
        by.Call(VfsOperation.OperateSemaphores, Bytes(steps), a0: (ulong)id, a1: (ulong)steps.Length);

    private static ulong Wait(TestClient by, int id, params (int Number, int Change, int Flags)[] steps)
    {
        ulong tag = by.Submit(VfsOperation.OperateSemaphores, (ulong)id, (ulong)steps.Length, payload: Bytes(steps));
        Assert.False(by.TryFinish(tag, out _));
        return tag;
    }

    private int Count(int id, int number, uint command) =>
        (int)client.Call(VfsOperation.ControlSemaphores, a0: (ulong)id, a1: command, a2: (ulong)number);

    private long Control(int id, uint command) => client.Call(VfsOperation.ControlSemaphores, default, 104, (ulong)id, command);
}

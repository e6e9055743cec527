using System.Buffers.Binary;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.SystemV;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>semget(2), semop(2), semctl(2): docs/system-v-ipc.md.</summary>
public sealed class SemaphoreRequests(SemaphoreSets sets, IClock clock)
{
    private const uint Read = 0x124, Alter = 0x92; // of all three classes

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.GetSemaphores, Get, OperationTraits.Grows);
        operations.Add(VfsOperation.OperateSemaphores, Operate, OperationTraits.Grows);
        operations.Add(VfsOperation.ControlSemaphores, Control);
    }

    // A0 key, A1 number of semaphores, A2 flags → id.
    private long Get(Request request)
    {
        ref readonly var wanted = ref request.Submission;
        Errno error = sets.Get((int)wanted.A0, (int)wanted.A1, (uint)wanted.A2, request.Process.Credentials, out SemaphoreSet? set);
        return error == Errno.None ? set!.Id : Outcome.Of(error);
    }

    // A0 id, A1 number of operations, A2 1 = does not wait. A request that has waited means the same set and operations as at first.
    private long Operate(Request request)
    {
        var wait = request.State as SemaphoreWait;
        SemaphoreOperation[]? operations = wait?.Operations;
        SemaphoreSet? set = wait?.Set ?? sets.Table.Find((int)request.Submission.A0);
        if (set is not { IsGone: false })
            return Outcome.Of(wait != null ? Errno.EIDRM : Errno.EINVAL);
        if (wait == null && Parse(request, set, out operations) is var wrong and not Errno.None)
            return Outcome.Of(wrong);
        Errno error = sets.Operate(set, operations, request.Process.Pid, out int blocked);
        if (error != Errno.EAGAIN || operations![blocked].IsAtOnce || request.Submission.A2 == 1)
            return Outcome.Of(error);
        if (wait == null)
            request.State = wait = new SemaphoreWait(set, operations);
        wait.WaitFor(operations[blocked]);
        request.WaitIn(set.Waiters);
        return Outcome.Waiting;
    }

    // The client may change them meanwhile: each is read once.
    private static Errno Parse(Request request, SemaphoreSet set, out SemaphoreOperation[]? operations)
    {
        operations = null;
        ulong count = request.Submission.A1;
        ReadOnlySpan<byte> payload = request.Payload;
        if (count is 0 or > SemaphoreNumbers.MostOperations || count * SemaphoreLayout.OperationLength > (ulong)payload.Length)
            return Errno.EINVAL;
        operations = new SemaphoreOperation[count];
        bool alters = false, isBeyond = false;
        for (int index = 0; index < operations.Length; index++)
        {
            operations[index] = SemaphoreOperation.Read(payload[(index * SemaphoreLayout.OperationLength)..]);
            alters |= operations[index].Change != 0;
            isBeyond |= operations[index].Number >= set.Count;
        }

        if (isBeyond)
            return Errno.EFBIG;
        return set.Permission.Grants(request.Process.Credentials, alters ? Alter : Read) ? Errno.None : Errno.EACCES;
    }

    // A0 id or place, A1 command, A2 number of the semaphore, A3 value.
    private long Control(Request request)
    {
        ref readonly var wanted = ref request.Submission;
        int id = (int)wanted.A0;
        uint command = (uint)wanted.A1;
        if (command is SystemVNumbers.Information or SemaphoreNumbers.SemaphoreInformation)
        {
            if (request.Payload.Length < SemaphoreLayout.InformationLength)
                return Outcome.Of(Errno.EINVAL);
            SemaphoreRecords.WriteInformation(sets, request.Payload, isUsage: command == SemaphoreNumbers.SemaphoreInformation);
            return sets.Table.Highest;
        }

        bool isByPlace = command is SemaphoreNumbers.StatIndex or SemaphoreNumbers.StatAny;
        if (command == SemaphoreNumbers.SetValue && wanted.A3 > SemaphoreNumbers.Largest)
            return Outcome.Of(Errno.ERANGE);
        if ((isByPlace ? sets.Table.At(id) : sets.Table.Find(id)) is not { } set)
            return Outcome.Of(Errno.EINVAL);
        Credentials asking = request.Process.Credentials;
        switch (command)
        {
            case SystemVNumbers.Stat or SemaphoreNumbers.StatIndex or SemaphoreNumbers.StatAny:
                if (command != SemaphoreNumbers.StatAny && !set.Permission.Grants(asking, Read))
                    return Outcome.Of(Errno.EACCES);
                if (request.Payload.Length < SemaphoreLayout.Length)
                    return Outcome.Of(Errno.EINVAL);
                SemaphoreRecords.Write(set, request.Payload);
                return isByPlace ? set.Id : 0;
            case SystemVNumbers.Set or SystemVNumbers.Remove:
                return Outcome.Of(set.Permission.MayChange(asking) ? Change(request, set, command) : Errno.EPERM);
            case SemaphoreNumbers.SetValue when wanted.A2 >= (ulong)set.Count:
                return Outcome.Of(Errno.EINVAL);
            case SemaphoreNumbers.SetValue or SemaphoreNumbers.SetAll:
                return Outcome.Of(set.Permission.Grants(asking, Alter) ? SetValues(request, set, command) : Errno.EACCES);
            case >= SemaphoreNumbers.GetProcess and <= SemaphoreNumbers.CountZeros:
                return set.Permission.Grants(asking, Read) ? Tell(request, set, command) : Outcome.Of(Errno.EACCES);
            default:
                return Outcome.Of(Errno.EINVAL);
        }
    }

    private Errno Change(Request request, SemaphoreSet set, uint command)
    {
        if (command == SystemVNumbers.Remove)
        {
            sets.Remove(set);
            return Errno.None;
        }

        if (request.Payload.Length < SemaphoreLayout.Length)
            return Errno.EINVAL;
        Span<byte> head = stackalloc byte[PermissionLayout.Length]; // the client may change it meanwhile
        request.Payload[..PermissionLayout.Length].CopyTo(head);
        set.Permission.Set(head);
        set.ChangeTime = clock.Wall;
        return Errno.None;
    }

    // SETALL without values asks how many there have to be.
    private Errno SetValues(Request request, SemaphoreSet set, uint command)
    {
        if (command == SemaphoreNumbers.SetValue)
        {
            set.Set((int)request.Submission.A2, [(ushort)request.Submission.A3], request.Process.Pid, clock.Wall);
            return Errno.None;
        }

        request.V0 = (ulong)set.Count;
        if (request.Payload.IsEmpty)
            return Errno.None;
        if (request.Payload.Length != set.Count * sizeof(ushort))
            return Errno.EINVAL;
        var values = new ushort[set.Count];
        for (int index = 0; index < values.Length; index++)
        {
            values[index] = BinaryPrimitives.ReadUInt16LittleEndian(request.Payload[(index * sizeof(ushort))..]);
            if (values[index] > SemaphoreNumbers.Largest)
                return Errno.ERANGE;
        }

        set.Set(0, values, request.Process.Pid, clock.Wall);
        return Errno.None;
    }

    private static long Tell(Request request, SemaphoreSet set, uint command)
    {
        ulong number = request.Submission.A2;
        switch (command)
        {
            case SemaphoreNumbers.GetAll:
                request.V0 = (ulong)set.Count;
                for (int index = 0; index < set.Count && (index + 1) * sizeof(ushort) <= request.Payload.Length; index++)
                    BinaryPrimitives.WriteUInt16LittleEndian(request.Payload[(index * sizeof(ushort))..], set.Values[index]);
                return 0;
            case SemaphoreNumbers.GetValue when number < (ulong)set.Count:
                return set.Values[(int)number];
            case SemaphoreNumbers.GetProcess when number < (ulong)set.Count:
                return set.LastProcess((int)number);
            case SemaphoreNumbers.CountIncreases or SemaphoreNumbers.CountZeros when number < (ulong)set.Count:
                return set.CountWaiting((int)number, isForZero: command == SemaphoreNumbers.CountZeros);
            default:
                return Outcome.Of(Errno.EINVAL);
        }
    }
}

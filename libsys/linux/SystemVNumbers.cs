namespace Libsys.Linux;

/// <summary>Numbers that the three kinds of System V IPC share: ipc(2), ipc(5), x86-64.</summary>
public static class SystemVNumbers
{
#pragma warning disable CS1591 // shmget(2), shmctl(2): IPC_*
    public const uint Create = 0x200, Exclusive = 0x400, NoWait = 0x800, ModeMask = 0x1FF;
    public const int Private = 0;
    public const uint Remove = 0, Set = 1, Stat = 2, Information = 3;
#pragma warning restore CS1591

    /// <summary>Places for objects of one kind, and so what separates the two parts of an id: proc(5), IPCMNI.</summary>
    public const int Places = 0x8000;
}

/// <summary>Linux' x86-64 struct ipc64_perm, the head of what IPC_STAT gives: offsets and length in bytes.</summary>
public static class PermissionLayout
{
#pragma warning disable CS1591 // svipc(7)
    public const int Key = 0, User = 4, Group = 8, CreatorUser = 12, CreatorGroup = 16, Mode = 20, Sequence = 24, Length = 48;
#pragma warning restore CS1591
}

/// <summary>shmget(2), shmat(2), shmctl(2) on x86-64.</summary>
public static class SegmentNumbers
{
#pragma warning disable CS1591 // SHM_* of the man pages
    public const uint HugePages = 0x800, NoReserve = 0x1000;
    public const uint ReadOnly = 0x1000, Round = 0x2000, Remap = 0x4000, Execute = 0x8000;
    public const uint Lock = 11, Unlock = 12, StatIndex = 13, SegmentInformation = 14, StatAny = 15;
    public const uint Destroyed = 0x200, Locked = 0x400;
#pragma warning restore CS1591
}

/// <summary>struct shmid64_ds, struct shminfo64 and struct shm_info, shmctl(2): offsets and lengths in bytes, times in seconds.</summary>
public static class SegmentLayout
{
#pragma warning disable CS1591
    public const int Size = 48, AttachTime = 56, DetachTime = 64, ChangeTime = 72, Creator = 80, Last = 84, Attached = 88, Length = 112;
    public const int Largest = 0, Smallest = 8, Most = 16, MostOfProcess = 24, MostPages = 32, LimitsLength = 72;
    public const int Used = 0, Pages = 8, Resident = 16, UsageLength = 48;
#pragma warning restore CS1591
}

/// <summary>semget(2), semop(2), semctl(2) on x86-64.</summary>
public static class SemaphoreNumbers
{
#pragma warning disable CS1591 // names of the man pages; limits as Linux has them by default
    public const uint GetProcess = 11, GetValue = 12, GetAll = 13, CountIncreases = 14, CountZeros = 15, SetValue = 16, SetAll = 17;
    public const uint StatIndex = 18, SemaphoreInformation = 19, StatAny = 20;
    public const ushort Undo = 0x1000;
    public const int MostOfSet = 32000, MostSets = 32000, MostTogether = 1_024_000_000, MostOperations = 500, Largest = 32767;
#pragma warning restore CS1591
}

/// <summary>struct sembuf, struct semid64_ds and struct seminfo, semop(2) and semctl(2): offsets and lengths in bytes, times in seconds.</summary>
public static class SemaphoreLayout
{
#pragma warning disable CS1591
    public const int Number = 0, Change = 2, Flags = 4, OperationLength = 6;
    public const int OperateTime = 48, ChangeTime = 64, Count = 80, Length = 104;
    public const int InformationLength = 40;
#pragma warning restore CS1591
}

/// <summary>msgget(2), msgsnd(2), msgrcv(2), msgctl(2) on x86-64.</summary>
public static class QueueNumbers
{
#pragma warning disable CS1591 // names of the man pages; limits as Linux has them by default
    public const uint StatIndex = 11, QueueInformation = 12, StatAny = 13;
    public const uint NoError = 0x1000, Except = 0x2000, Copy = 0x4000;
    public const int LargestMessage = 8192, MostBytes = 16384, MostQueues = 32000;
#pragma warning restore CS1591
}

/// <summary>struct msqid64_ds and struct msginfo, msgctl(2): offsets and lengths in bytes, times in seconds.</summary>
public static class QueueLayout
{
#pragma warning disable CS1591
    public const int SendTime = 48, ReceiveTime = 56, ChangeTime = 64, Bytes = 72, Count = 80, MostBytes = 88, LastSender = 96, LastReceiver = 100;
    public const int Length = 120;
    public const int InformationLength = 32;
#pragma warning restore CS1591
}

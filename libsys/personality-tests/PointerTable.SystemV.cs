namespace PersonalityTests;

// Those of System V IPC: shmctl(2), semop(2), semctl(2), msgsnd(2), msgrcv(2), msgctl(2).
internal static unsafe partial class PointerTable
{
    private static void SystemV()
    {
        const uint shmctl = 31, shmdt = 67, semop = 65, semctl = 66, semtimedop = 220, msgsnd = 69, msgrcv = 70, msgctl = 71;
        const ulong remove = 0, set = 1, stat = 2, information = 3, usage = 14, getAll = 13, setAll = 17, noWait = 0x800, ownerOnly = 0x180;
        ulong segment = (ulong)Linux.Call(29, 0, 4096, ownerOnly), semaphores = (ulong)Linux.Call(64, 0, 4, ownerOnly);
        ulong queue = (ulong)Linux.Call(68, 0, ownerOnly), message = Buffer(14);
        Try(shmdt, 1, 0);
        Try(shmctl, 4, segment, set, 0);
        Try(shmctl, 4, segment, stat, 0);
        Try(shmctl, 4, 0, information, 0);
        Try(shmctl, 4, 0, usage, 0);
        Try(semop, 2, semaphores, 0, 1);
        Try(semtimedop, 2 | 8, semaphores, Buffer(0), 1, 0);
        Try(semctl, 8, semaphores, 0, set, 0);
        Try(semctl, 8, semaphores, 0, stat, 0);
        Try(semctl, 8, 0, 0, information, 0);
        Try(semctl, 8, semaphores, 0, getAll, 0);
        Try(semctl, 8, semaphores, 0, setAll, 0);
        Try(msgsnd, 2, queue, 0, 8, noWait);
        // A message that cannot be given is gone: one for each kind of pointer.
        *(ulong*)message = 1;
        for (int kind = 0; kind < Kinds; kind++)
            Linux.Call(msgsnd, queue, message, 8, noWait);
        Try(msgrcv, 2, queue, 0, 8, 0, noWait);
        Try(msgctl, 4, queue, set, 0);
        Try(msgctl, 4, queue, stat, 0);
        Try(msgctl, 4, 0, information, 0);
        Linux.Call(shmctl, segment, remove, 0);
        Linux.Call(semctl, semaphores, 0, remove);
        Linux.Call(msgctl, queue, remove, 0);
    }
}

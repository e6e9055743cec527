namespace Libsys.Messages;

/// <summary>
/// Control protocol of the process server, over its endpoint (handle <see cref="Libsys.Abi.WellKnownHandle.Control"/> in every program). Word 0 of the call is
/// the operation, words 1–7 its arguments; word 0 of the reply is the result ≥ 0 or −errno. The caller is identified by badge (space) and group (process id),
/// both from the kernel. A call may be answered late; one that was interrupted has had no effect. What the server has to know about an operation beyond this is
/// declared with its handler (docs/decisions/operations-declared-once.md).
/// </summary>
public enum ProcessOperation : ulong
{
    /// <summary>
    /// (context address, thread slot, clone flags, exit signal) → child's pid. A new space, forked; one thread in the same slot at PersonalityHeader.ForkEntry
    /// with the context; vfs has duplicated the handle table before the child runs. The flags may have <see cref="ChildSignalFlags.Unheard"/>, here and in
    /// <see cref="ForkShared"/>. The child begins with <see cref="StartWords"/>.
    /// </summary>
    Fork = 1,
    /// <summary>
    /// (context address, reserved thread slot, clone flags, exit signal) → child's pid. CLONE_VM without CLONE_THREAD: a thread in the caller's space at
    /// ThreadEntry with the context as argument, group = the new pid. With CLONE_VFORK the reply comes when the child has committed an exec or ended.
    /// Second reply word: the child's vfs process slot (also among its <see cref="StartWords"/>). Third: 1 if the child still uses the space although
    /// CLONE_VFORK asked to wait, because the caller is being killed.
    /// </summary>
    ForkShared = 2,
    /// <summary>
    /// (length, <see cref="ChildSignalFlags"/>, address or 0) → only ever −errno; success replaces the caller, and the new program begins with
    /// <see cref="StartWords"/>. A StartTable of at most <see cref="Libsys.Abi.Window.SmallStartTableLimit"/> bytes lies at the address, a multiple of 8; with
    /// 0 handle 0 is a memory object with one.
    /// </summary>
    Exec = 3,
    /// <summary>
    /// (offset in the pool of the connection, length of the path, length of the arguments, offset of handles, their number) from the new space: the program is
    /// loaded; the old space ends → 0; words 1: signals that are pending for the process, 2: its soft limit of open files. The path without NUL, then the
    /// arguments, each with its NUL, lie in the pool: /proc shows them. Lengths 0: nothing to show. The handles, 32 bits each, are those of descriptors that
    /// are close-on-exec: <see cref="VfsControlOperation.Succeed"/>.
    /// </summary>
    ExecCommit = 4,
    /// <summary>(errno) from the new space: the caller of Exec gets −errno; this space ends.</summary>
    ExecFail = 5,
    /// <summary>
    /// (wait status as wait4 reports it: code &lt;&lt; 8, or signal | 0x80 if core) ends the process (all threads of the group). Never answered.
    /// </summary>
    Exit = 6,
    /// <summary>
    /// (pid as for wait4, options) → pid, 0 with WNOHANG, or −ECHILD. Words 1: status, 2: user ns, 3: system ns, 4: resident peak bytes, 5: si_code, 6: uid.
    /// WNOWAIT as in waitid.
    /// </summary>
    Wait = 7,
    /// <summary>(pid as for kill: &gt;0, 0, −1, −pgrp; signal; si_code; si_value; tid or 0) → 0.</summary>
    Kill = 8,
    /// <summary>
    /// (mask of unblocked signals) → signal taken or 0. Words 1: still pending for the process, 2: si_code | errno &lt;&lt; 32, 3: si_pid | si_uid &lt;&lt; 32,
    /// 4: si_value or status, 5: utime, 6: stime.
    /// </summary>
    TakeSignal = 9,
    /// <summary>(count ≤ 64) → first of count consecutive thread ids.</summary>
    AllocateThreadIds = 10,
    /// <summary>
    /// () → pid; words 1: parent, 2: process group, 3: session, 4: vfs process slot and flags as <see cref="StartWords.VfsSlot"/>, 5: ruid |
    /// euid &lt;&lt; 32, 6: rgid | egid &lt;&lt; 32, 7: suid | sgid &lt;&lt; 32.
    /// </summary>
    Identify = 11,
    /// <summary>(pid) → process group.</summary>
    GetProcessGroup = 12,
    /// <summary>(pid, pgid) → 0.</summary>
    SetProcessGroup = 13,
    /// <summary>(pid) → session.</summary>
    GetSession = 14,
    /// <summary>() → new session id.</summary>
    SetSession = 15,
    /// <summary>(<see cref="CredentialChange"/>, a, b, c) → 0; vfs has acknowledged before the answer.</summary>
    SetCredentials = 16,
    /// <summary>(pid, resource, 1 if setting, soft, hard) → 0; words 1: old soft, 2: old hard.</summary>
    ResourceLimit = 17,
    /// <summary>(who: 0 self, −1 children) → 0; words 1: user ns, 2: system ns, 3: peak resident bytes, 4: minor faults.</summary>
    Usage = 18,
    /// <summary>
    /// (1 = children are reaped at once: SIGCHLD ignored or SA_NOCLDWAIT, 2 = no stop notifications; <see cref="ChildSignalFlags"/>) → 0. Word 1: signals that
    /// wait for the process.
    /// </summary>
    ChildPolicy = 19,
    /// <summary>(signal): the default action stop was taken. Answered when continued.</summary>
    Stop = 20,
    /// <summary>(LINUX_REBOOT_CMD_*) → 0 or −EPERM.</summary>
    Reboot = 21,
    /// <summary>(8 bytes, 8 bytes): the 16 bytes of the command name (prctl PR_SET_NAME) → 0.</summary>
    SetName = 22,
    /// <summary>(offset) + up to 6 words: piece of supplementary groups. (count, up to 6 × 2 gids in words 2–7) → 0 / −errno.</summary>
    SetGroups = 23,
    /// <summary>() → count; words 1–6: 2 gids each.</summary>
    GetGroups = 24,
    /// <summary>(pid, signal events wanted): parent-death signal, dumpable, no-new-privs and the like: (prctl option, value) → value.</summary>
    ProcessControl = 25,
    /// <summary>(tid ending): a thread of the process is about to end by exit(2) → 0.</summary>
    ThreadEnded = 26,
    /// <summary>(which, who, 1 if setting, value): getpriority/setpriority → 20 − nice or 0.</summary>
    Priority = 27,
    /// <summary>() → the CPU's load ×65536 (three words 1–3: 1, 5, 15 minutes), word 4: number of processes (sysinfo).</summary>
    SystemLoad = 28,
    /// <summary>
    /// (number): the connection to vfs gets the pool of that number (today only <see cref="VfsLimits.LargePool"/>), mapped at
    /// <see cref="Libsys.Abi.Window.PoolOf"/> and paid by the space's account → 0. −EEXIST: it is there.
    /// </summary>
    AttachPool = 29,
    /// <summary>
    /// (number of a server beside vfs, from 1 on): the space gets a connection to it, mapped at <see cref="Libsys.Abi.Window.ConnectionOf"/> over the one to
    /// its
    /// predecessor, if there was one; doorbell at <see cref="Libsys.Abi.WellKnownHandle.DoorbellOf"/>. Answered when the server has; 0 also if it is there.
    /// −ENXIO: there is no such server. −EIO: it does not answer. −EBUSY: the doorbell's place is taken. One exception from the rule above: when the call is
    /// interrupted, the connection is made all the same.
    /// </summary>
    ConnectServer = 30,
    /// <summary>
    /// (number): gives back what <see cref="AttachPool"/> gave: unmapped and free → 0. −EBUSY: a request in work names it, and nothing has changed. −EINVAL: it
    /// is not there.
    /// </summary>
    DetachPool = 31,
    /// <summary>
    /// (): the space maps the published ids (<see cref="PublishedIds"/>), read-only, at <see cref="Libsys.Abi.Window.PublishedIds"/> → 0; word 1: index of the
    /// caller's entry, which is its own until it has been waited for. 0 also if they are there.
    /// </summary>
    ShowIds = 32,
}

/// <summary>
/// What a process says about SIGCHLD when its action is the default, which ignores it: docs/starting-programs.md. While it is unheard the process server
/// interrupts nobody for it, counts it (<see cref="PublishedIds.ChildSignals"/>) and keeps the last one.
/// </summary>
public static class ChildSignalFlags
{
    /// <summary>Of Fork and ForkShared: unheard from now on.</summary>
    public const ulong Unheard = 1ul << 63;

    /// <summary>
    /// Of Exec and ChildPolicy: the low half is the count up to which the process has had its signals; if there were no more, none waits. With ChildPolicy it
    /// is heard from now on.
    /// </summary>
    public const ulong Counted = 1ul << 32;
}

/// <summary>Kinds of credential changes, as the calls of the same names.</summary>
public enum CredentialChange : ulong
{
#pragma warning disable CS1591
    SetUid = 1, SetGid = 2, SetReuid = 3, SetRegid = 4, SetResuid = 5, SetResgid = 6, SetFsuid = 7, SetFsgid = 8,
#pragma warning restore CS1591
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Libsys.Abi;

/// <summary>What an endpoint delivered.</summary>
public enum MessageKind : uint
{
    /// <summary>A thread called; a reply handle came with it.</summary>
    Call = 1,

    /// <summary>
    /// A thread faulted and its personality could not take it (fault inside the window, or the space has no personality entry).
    /// Words: 0 vector, 1 error code, 2 fault address, 3 rip, 4 rsp, 5 the KernelStatus of what the kernel tried (NoMemory: out of memory). A reply with word 0
    /// = 0 ends the thread, 1 retries the instruction.
    /// </summary>
    Fault = 2,

    /// <summary>A space with this badge has no thread left, or was destroyed. Words: 0 = last exit argument. No reply handle.</summary>
    SpaceDeath = 3,

    /// <summary>
    /// A thread touched a page that a pager-backed object lacks, or wrote to one that it has borrowed; the badge is the object's. Words: 0 vector (14), 1 error
    /// code, with the write bit only if the object's page is to be written
    /// (a private mapping copies it), 2 offset in the object. Supply or share the page, then reply: word 0 = 1 retries the access, 2 fails it (a fault like any
    /// other: an error in the middle of a call, else a signal), 0 ends the thread.
    /// </summary>
    PageMissing = 4,
}

/// <summary>Eight message words.</summary>
[InlineArray(8)]
public struct MessageWords
{
    private ulong first;
}

/// <summary>Four handle numbers or rights masks.</summary>
[InlineArray(4)]
public struct MessageHandles
{
    private uint first;
}

/// <summary>
/// A synchronous message, in the message area of the sender's or receiver's thread block. The kernel copies words 0–7 and moves duplicates of
/// up to four handles; it never follows a pointer.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct Message
{
    /// <summary>Payload.</summary>
    public MessageWords Words;

    /// <summary>Number of handles that travel, 0–4.</summary>
    public uint HandleCount;

    /// <summary>Received: a <see cref="MessageKind"/>.</summary>
    public uint Kind;

    /// <summary>Sender: handles to duplicate into the receiver. Receiver: the new handles there.</summary>
    public MessageHandles Handles;

    /// <summary>Sender: rights mask for each handle (and-ed with what the sender holds). Receiver: rights that arrived.</summary>
    public MessageHandles Rights;

    /// <summary>Received: badge of the endpoint handle that was called. Cannot be forged.</summary>
    public ulong Badge;

    /// <summary>Received: one-shot reply handle, 0 if none.</summary>
    public uint ReplyHandle;

    /// <summary>Received: group of the calling thread.</summary>
    public uint Group;

    /// <summary>Received: thread slot of the caller in its space.</summary>
    public uint Slot;

    /// <summary>Reserved, 0.</summary>
    public uint Reserved;
}

using System.Text;
using Libsys.Messages;
using Libsys.Rings;
using Servers.Vfs.Pipes;
using Servers.Vfs.Requests;

namespace Servers.Vfs.Tests;

/// <summary>A program's side: one call a request, results as Linux calls give them (value or −errno).</summary>
internal sealed class TestClient(TestSystem system, ClientConnection connection, TestChannel channel, uint slot)
{
    private const uint BackgroundStride = 0x10000, Backgrounds = 4, BackgroundLength = 0x4000;
    private const int MostRepeated = 30;
    // Of all tests together, which run side by side.
    private static ulong lastTag;
    private uint nextBackground;

    public TestChannel Channel => channel;

    public ClientConnection Connection => connection;

    public int Handles => connection.Slots[slot].Handles.Count;

    public Completion Last { get; private set; }

    /// <summary>Sends a request that must be answered at once.</summary>
    public long Call(VfsOperation operation, ReadOnlySpan<byte> payload = default, int length = -1, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0,
        ulong a4 = 0)
    {
        // A disk fails now and then: then nothing has happened, and the call is made again.
        for (int repeated = 0; ; repeated++)
        {
            bool mayFail = system.Drive is { FailChance: > 0 };
            (ulong image, int handles) = mayFail ? (system.Fingerprint(), Handles) : default;
            ulong tag = Start(operation, payload, length, 0, a0, a1, a2, a3, a4);
            Assert.True(TryFinish(tag, out long result), operation + " was expected to answer at once");
            if (result != -(long)Errno.EIO || !mayFail || repeated == MostRepeated)
                return result;
            Assert.Equal((image, handles), (system.Fingerprint(), Handles));
        }
    }

    /// <summary>Sends a request, with a buffer of its own, and lets nothing go on: no disk, and none of the requests that wait.</summary>
    public ulong Submit(VfsOperation operation, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0, ReadOnlySpan<byte> payload = default, int length = -1)
    {
        uint offset = BackgroundStride + nextBackground++ % Backgrounds * BackgroundLength;
        return Put(operation, payload, length, offset, a0, a1, a2, a3, 0);
    }

    /// <summary>Tries again what is to be tried again, and leaves the disk alone.</summary>
    public void RunReady()
    {
        while (system.Server.RunReady())
        {
        }
    }

    /// <summary>A whole call beside requests that wait: as far as it needs the disk they go on too.</summary>
    public long CallBeside(VfsOperation operation, ulong a0, ulong a1 = 0, ReadOnlySpan<byte> payload = default)
    {
        ulong tag = Submit(operation, a0, a1, payload: payload);
        Assert.True(HasAnswer(tag), operation + " was expected to answer without the disk");
        return TakeAnswer(tag);
    }

    public bool HasAnswer(ulong tag) => channel.Completions.ContainsKey(tag);

    public long TakeAnswer(ulong tag)
    {
        Assert.True(channel.Completions.Remove(tag, out Completion completion), "no answer");
        return completion.Result;
    }

    /// <summary>Sends a request and returns its tag.</summary>
    public ulong Start(
        VfsOperation operation, ReadOnlySpan<byte> payload, int length, uint offset, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0, ulong a4 = 0)
    {
        ulong tag = Put(operation, payload, length, offset, a0, a1, a2, a3, a4);
        Settle();
        return tag;
    }

    private ulong Put(VfsOperation operation, ReadOnlySpan<byte> payload, int length, uint offset, ulong a0, ulong a1, ulong a2, ulong a3, ulong a4)
    {
        ulong tag = Interlocked.Increment(ref lastTag);
        payload.CopyTo(channel.Pool[(int)offset..]);
        var submission = new Submission
        {
            Tag = tag, Operation = (ushort)operation, ProcessSlot = slot, PoolOffset = offset, PoolLength = (uint)(length < 0 ? payload.Length : length),
            A0 = a0, A1 = a1, A2 = a2, A3 = a3, A4 = a4,
        };
        system.Server.Submit(connection, submission);
        return tag;
    }

    /// <summary>Sends a request that is expected to wait, with a buffer of its own.</summary>
    public (ulong Tag, int Offset) Background(VfsOperation operation, ReadOnlySpan<byte> payload, int length, ulong a0 = 0, ulong a1 = 0)
    {
        if (system.Drive is { } drive)
            drive.FailChance = 0; // nobody would make it again
        uint offset = BackgroundStride + nextBackground++ % Backgrounds * BackgroundLength;
        return (Start(operation, payload, length, offset, a0, a1), (int)offset);
    }

    /// <summary>True if the answer is there.</summary>
    public bool TryFinish(ulong tag, out long result)
    {
        Settle();
        bool done = channel.Completions.Remove(tag, out Completion completion);
        if (done)
            Last = completion;
        result = completion.Result;
        return done;
    }

    public void Settle()
    {
        while (system.Server.RunReady() || system.Drive?.Step() == true || system.Pump?.Invoke() == true)
        {
        }

        Assert.Equal(0, system.Server.LostWaits);
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public long Open(string path, uint flags = 0, uint mode = 0x1A4, ulong directory = VfsLimits.WorkingDirectory) =>
        Call(VfsOperation.Open, Bytes(path), a0: directory, a1: flags, a2: mode);

    public long Close(long handle) => Call(VfsOperation.Close, a0: (ulong)handle);

    public long Write(long handle, ReadOnlySpan<byte> data, long offset = -1) => Call(VfsOperation.Write, data, a0: (ulong)handle, a1: (ulong)offset);

    public long Read(long handle, int length, out byte[] data, long offset = -1)
    {
        long result = Call(VfsOperation.Read, default, length, (ulong)handle, (ulong)offset);
        data = result > 0 ? channel.Pool[..(int)result].ToArray() : [];
        return result;
    }

    public string ReadText(string path)
    {
        long handle = Open(path);
        Assert.True(handle >= 0, path + ": " + handle);
        var text = new StringBuilder();
        while (Read(handle, 4096, out byte[] data) > 0)
            text.Append(Encoding.UTF8.GetString(data));
        Close(handle);
        return text.ToString();
    }

    public void WriteText(string path, string text)
    {
        long handle = Open(path, OpenFlags.Create | OpenFlags.WriteOnly | OpenFlags.Truncate);
        Assert.True(handle >= 0, path + ": " + handle);
        Assert.Equal(Bytes(text).Length, Write(handle, Bytes(text)));
        Close(handle);
    }

    public long Seek(long handle, long offset, uint whence) => Call(VfsOperation.Seek, a0: (ulong)handle, a1: (ulong)offset, a2: whence);

    public long MakeDirectory(string path, uint mode = 0x1FF) => Call(VfsOperation.MakeDirectory, Bytes(path), a0: VfsLimits.WorkingDirectory, a1: mode);

    public long MakeNode(string path, uint mode, uint device = 0) =>
        Call(VfsOperation.MakeNode, Bytes(path), a0: VfsLimits.WorkingDirectory, a1: mode, a2: device);

    public long Unlink(string path) => Call(VfsOperation.Unlink, Bytes(path), a0: VfsLimits.WorkingDirectory);

    public long RemoveDirectory(string path) => Call(VfsOperation.Unlink, Bytes(path), a0: VfsLimits.WorkingDirectory, a1: AtFlags.RemoveDirectory);

    public long Rename(string from, string to, ulong flags = 0) => Call(
        VfsOperation.Rename, Bytes(from + to), a0: VfsLimits.WorkingDirectory, a1: VfsLimits.WorkingDirectory, a2: flags, a3: (ulong)Bytes(from).Length);

    public long Link(string from, string to, ulong flags = 0) => Call(
        VfsOperation.Link, Bytes(from + to), a0: VfsLimits.WorkingDirectory, a1: VfsLimits.WorkingDirectory, a2: flags, a3: (ulong)Bytes(from).Length);

    public long SymbolicLink(string text, string path) =>
        Call(VfsOperation.SymbolicLink, Bytes(text + path), a0: VfsLimits.WorkingDirectory, a3: (ulong)Bytes(text).Length);

    public long ReadLink(string path, out string text)
    {
        byte[] name = Bytes(path);
        long result = Call(VfsOperation.ReadLink, name, 4096, VfsLimits.WorkingDirectory, 0, (ulong)name.Length);
        text = result > 0 ? Encoding.UTF8.GetString(channel.Pool[..(int)result]) : "";
        return result;
    }

    public long Truncate(long handle, long length) => Call(VfsOperation.Truncate, a0: (ulong)handle, a1: (ulong)length, a2: AtFlags.EmptyPath);

    public long ChangeMode(string path, uint mode) => Call(VfsOperation.ChangeMode, Bytes(path), a0: VfsLimits.WorkingDirectory, a1: mode);

    public long ChangeDirectory(string path) => Call(VfsOperation.ChangeDirectory, Bytes(path), a0: VfsLimits.WorkingDirectory);

    public string WorkingDirectory()
    {
        long length = Call(VfsOperation.GetWorkingDirectory, default, 4096);
        return length >= 0 ? Encoding.UTF8.GetString(channel.Pool[..(int)length]) : ((Errno)(-length)).ToString();
    }

    public long Stat(string path, out TestStat stat, bool follow = true)
    {
        byte[] name = Bytes(path);
        long result = Call(VfsOperation.Stat, name, 8192, VfsLimits.WorkingDirectory, follow ? 0 : AtFlags.NoFollow, (ulong)name.Length);
        stat = TestStat.Read(channel.Pool);
        return result;
    }

    public long StatHandle(long handle, out TestStat stat)
    {
        long result = Call(VfsOperation.Stat, default, 8192, (ulong)handle, AtFlags.EmptyPath);
        stat = TestStat.Read(channel.Pool);
        return result;
    }

    public (long Read, long Write) Pipe(uint flags = 0)
    {
        long read = Call(VfsOperation.Pipe, a0: flags);
        return (read, (long)Last.V0);
    }

    public List<string> List(string path)
    {
        long handle = Open(path, OpenFlags.Directory);
        Assert.True(handle >= 0, path + ": " + handle);
        var names = new List<string>();
        while (true)
        {
            long length = Call(VfsOperation.ReadDirectory, default, 256, (ulong)handle);
            Assert.True(length >= 0, "getdents64: " + length);
            if (length == 0)
                break;
            for (int at = 0; at < length;)
            {
                int record = channel.Pool[at + 16] | (channel.Pool[at + 17] << 8);
                Span<byte> name = channel.Pool.Slice(at + 19, record - 19);
                names.Add(Encoding.UTF8.GetString(name[..name.IndexOf((byte)0)]));
                at += record;
            }
        }

        Close(handle);
        return names;
    }
}

using System.Globalization;
using System.Text;
using CsCheck;
using Libsys.Abi;
using Libsys.Messages;
using Servers.DiskVfs.Disk;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Tests;

/// <summary>Files over a store that takes its time, fails and has more bytes than the cache, against arrays of bytes and what is on the disk.</summary>
public sealed class StoreTests
{
    private const int Page = CachedFile.PageSize;

    [Fact]
    public void Random_operations_of_several_clients_give_what_arrays_of_bytes_give()
    {
        Gen.Select(Gen.Int[0, 17], Gen.Int[0, 40 * Page], Gen.Int[1, 5 * Page], Gen.Byte).Array[1, 70].Sample(
            operations =>
            {
                var run = new Comparison(operations.Length + operations.Sum(static step => step.Item2), slots: 12 + operations.Length % 60);
                string? difference = run.Run(operations);
                Assert.True(difference == null, difference);
            },
            iter: 1500,
            threads: 1);
    }

    /// <summary>Three clients with a file each, and an array for each.</summary>
    private sealed class Comparison
    {
        private const int Files = 3, Most = 48 * Page;
        private readonly TestSystem system;
        private readonly Subject[] subjects;

        public Comparison(int seed, int slots)
        {
            system = new TestSystem(RootKind.Disk, seed: seed, diskSlots: slots);
            system.Drive!.FailChance = 0.1;
            subjects = [.. Enumerable.Range(0, Files).Select(number => new Subject(system, number))];
        }

        private SlowDisk Drive => system.Drive!;

        private PageCache Cache => system.DiskCache!;

        public string? Run((int Kind, int At, int Length, byte Value)[] operations)
        {
            var log = new StringBuilder();
            foreach ((int kind, int at, int length, byte value) in operations)
            {
                log.AppendLine(CultureInfo.InvariantCulture, $"{kind} {at} {length} {value}");
                if (Step(kind, at, length, value) is { } difference)
                    return log.AppendLine(difference).ToString();
            }

            foreach (Subject subject in subjects)
            {
                if (subject.CheckCrash() is { } torn)
                    return log.AppendLine(torn).ToString();
            }

            foreach (Subject subject in subjects)
            {
                for (int page = 0; page * Page < Most; page++)
                {
                    if (subject.Read(page * Page, Page) is { } difference)
                        return log.AppendLine("at last: " + difference).ToString();
                }

                subject.End();
            }

            subjects[0].Client.Settle();
            foreach (Subject subject in subjects)
                Assert.Equal(0, subject.Client.Unlink(subject.Name));
            subjects[0].Client.Settle();
            int left = Cache.Slots.Used + Cache.WriteBack.Pages + Cache.States.Count + Cache.Transfers.Count + Cache.Transfers.MissingPages;
            if (left != 0)
                return log.AppendLine("something is left in the cache: " + Cache.Slots.Used).ToString();
            return null;
        }

        private string? Step(int kind, int at, int length, byte value)
        {
            Subject subject = subjects[(at + value) % Files];
            switch (kind)
            {
                case 0 or 1 or 2:
                    return subject.Write(at, length, value);
                case 3 or 4:
                    return subject.Read(at, length * 3);
                case 5:
                    return subject.Truncate(at);
                case 6:
                    return subject.Punch(at, length);
                case 7:
                    return subject.Sync(value % 2 == 0);
                case 8:
                    return subject.Map();
                case 9 or 10:
                    return subject.Store(at, value);
                case 11:
                    return subject.Look(at / Page);
                case 12:
                    Cache.WriteBack.Look();
                    return null;
                case 13:
                    subject.Unmap();
                    return null;
                case 14:
                    Cache.Reclaim.Free(1 + length / Page);
                    return null;
                case 15:
                    Drive.Step();
                    return null;
                default:
                    return Together(at, length, value);
            }
        }

        // All clients at once, so that their pages drive each other out.
        private string? Together(int at, int length, byte value)
        {
            foreach (Subject subject in subjects)
                subject.Begin(at = (at * 5 + 3000) % (40 * Page), length % (3 * Page) + 1, value++);
            subjects[0].Client.Settle();
            string? wrong = null;
            foreach (Subject subject in subjects)
                wrong ??= subject.Finish();
            return wrong;
        }
    }

    /// <summary>A file, its client, and what should be in it.</summary>
    private sealed class Subject
    {
        private const int Most = 48 * Page;
        private readonly TestSystem system;
        private readonly byte[] model = new byte[Most];

        // What each page may be on the disk: what it was when it was last safe, and everything since.
        private readonly Dictionary<int, List<byte[]>> since = [];
        private readonly long handle;
        private readonly ulong number;
        private int size;
        private (ulong Tag, bool IsWrite, int At, byte[] Data) begun;

        public Subject(TestSystem system, int number)
        {
            this.system = system;
            Client = system.NewClient((uint)number + 1);
            Name = "/file" + number;
            handle = Client.Open(Name, OpenFlags.Create | OpenFlags.ReadWrite);
            Client.StatHandle(handle, out TestStat stat);
            this.number = stat.Inode;
        }

        public TestClient Client { get; }

        public string Name { get; }

        private TestMappedPages? Mapped =>
            Client.Channel.Maps is [.., var last] && last.Pages is TestMappedPages { IsClosed: false, Mappings: > 0 } pages ? pages : null;

        public string? Write(int at, int length, byte value)
        {
            byte[] data = Pattern(at, length, value);
            return Wrote(Client.Write(handle, data, at), at, data);
        }

        public string? Read(int at, int length) => Compare(Client.Read(handle, length, out byte[] data, at), at, length, data);

        public string? Truncate(int length)
        {
            if (Client.Truncate(handle, length) is var result and not 0)
                return "truncate: " + result;
            if (length < size)
                model.AsSpan(length, size - length).Clear();
            Changed(Math.Min(size, length), Most);
            // Nothing of the end comes back, on the disk neither.
            foreach (byte[] version in since.GetValueOrDefault(length / Page, []))
                version.AsSpan(Math.Min(length, size) % Page).Clear();
            size = length;
            return null;
        }

        public string? Punch(int at, int length)
        {
            const ulong keepSize = 1, punch = 2;
            if (Client.Call(VfsOperation.Allocate, a0: (ulong)handle, a1: keepSize | punch, a2: (ulong)at, a3: (ulong)length) is var result and not 0)
                return "punch: " + result;
            model.AsSpan(at, length).Clear();
            Changed(at, at + length);
            return null;
        }

        public string? Sync(bool whole)
        {
            if (Client.Call(VfsOperation.Sync, a0: whole ? ulong.MaxValue : (ulong)handle) is var result and not 0)
                return "sync: " + result;
            for (int page = 0; page * Page < size; page++)
            {
                if (!OnDisk(page).AsSpan().SequenceEqual(model.AsSpan(page * Page, Page)))
                    return $"page {page} is not on the disk after sync";
            }

            since.Clear();
            return null;
        }

        public string? Map()
        {
            const MapFlags flags = MapFlags.Read | MapFlags.Write | MapFlags.Shared;
            long result = Client.Call(VfsOperation.Map, a0: (ulong)handle, a2: Most, a3: (ulong)flags, a4: 0x5000_0000);
            return result == 0 ? null : "map: " + result;
        }

        public void Unmap()
        {
            if (Mapped is { } mapped)
                mapped.Mappings = 0;
        }

        public string? Store(int at, byte value)
        {
            if (Mapped is not { } mapped)
                return null;
            long failures = system.Drive!.Failures;
            bool stored = mapped.Store(system.DiskCache!, at / Page, at % Page, value, GoOn);
            bool isThere = at / Page * Page < size;
            if (stored && at < size)
            {
                model[at] = value;
                Changed(at, at + 1);
            }

            return stored == isThere || (isThere && system.Drive.Failures > failures) ? null : $"stored {stored}";
        }

        public string? Look(int page)
        {
            if (Mapped is not { } mapped)
                return null;
            long failures = system.Drive!.Failures;
            byte[]? shown = mapped.Touch(system.DiskCache!, page, write: false, GoOn);
            if (shown == null)
                return page * Page >= size || system.Drive.Failures > failures ? null : "SIGBUS";
            int length = Math.Min(Page, size - page * Page);
            return length > 0 && shown.AsSpan(0, length).SequenceEqual(model.AsSpan(page * Page, length)) ? null : $"page {page} shows other bytes";
        }

        /// <summary>A read or write that is not waited for.</summary>
        public void Begin(int at, int length, byte value)
        {
            byte[] data = Pattern(at, length, value);
            begun = value % 2 == 0
                ? (Client.Submit(VfsOperation.Write, (ulong)handle, (ulong)at, payload: data), true, at, data)
                : (Client.Submit(VfsOperation.Read, (ulong)handle, (ulong)at, length: length), false, at, data);
        }

        /// <summary>It must have ended. An error says that nothing has happened.</summary>
        public string? Finish()
        {
            if (!Client.HasAnswer(begun.Tag))
                return "no answer";
            long result = Client.TakeAnswer(begun.Tag);
            if (result == -(long)Errno.EIO)
                return null;
            if (begun.IsWrite)
                return Wrote(result, begun.At, begun.Data);
            return IsRightLength(result, begun.At, begun.Data.Length) ? null : $"read {result}";
        }

        /// <summary>The machine loses its power now: what is on the disk is what was safe, or newer.</summary>
        public string? CheckCrash()
        {
            for (int page = 0; page * Page < size; page++)
            {
                byte[] bytes = OnDisk(page);
                bool isSafe = !since.TryGetValue(page, out List<byte[]>? versions) ? bytes.AsSpan().SequenceEqual(model.AsSpan(page * Page, Page))
                    : versions.Any(version => bytes.AsSpan().SequenceEqual(version));
                if (!isSafe)
                    return $"page {page} is on the disk as it never was";
            }

            return null;
        }

        public void End()
        {
            Unmap();
            Assert.Equal(0, Client.Close(handle));
        }

        private static byte[] Pattern(int at, int length, byte value)
        {
            byte[] data = new byte[length];
            for (int index = 0; index < length; index++)
                data[index] = (byte)(value + at + index * 7 + index / Page);
            return data;
        }

        private bool GoOn()
        {
            bool worked = system.Drive!.Step();
            Client.RunReady();
            return worked;
        }

        private string? Wrote(long written, int at, byte[] data)
        {
            int most = system.DiskCache!.MostAtOnce * Page - at % Page;
            if (written != Math.Min(data.Length, most))
                return $"wrote {written} of {data.Length}";
            data.AsSpan(0, (int)written).CopyTo(model.AsSpan(at));
            int old = size;
            size = Math.Max(size, at + (int)written);
            Changed(Math.Min(at, old), at + (int)written);
            return null;
        }

        private string? Compare(long read, int at, int length, byte[] data)
        {
            if (!IsRightLength(read, at, length))
                return $"read {read} at {at}";
            int other = data.AsSpan().CommonPrefixLength(model.AsSpan(at));
            return other >= data.Length ? null : $"read other bytes from {at + other} on: {data[other]}, not {model[at + other]}";
        }

        // Short only where the cache cannot hold as much, and never less than what is left of a page.
        private bool IsRightLength(long read, int at, int length)
        {
            int expected = Math.Clamp(size - at, 0, length);
            return read == expected || (read > 0 && read < expected && read >= Math.Min(expected, Page - at % Page));
        }

        private void Changed(int from, int to)
        {
            for (int page = from / Page; page * Page < Math.Min(to, Most); page++)
            {
                if (!since.TryGetValue(page, out List<byte[]>? versions))
                    since.Add(page, versions = [OnDisk(page)]);
                versions.Add(model.AsSpan(page * Page, Page).ToArray());
            }
        }

        private byte[] OnDisk(int page)
        {
            byte[] bytes = system.Image.Records[number].Pages.TryGetValue(page, out byte[]? found) ? [.. found] : new byte[Page];
            bytes.AsSpan(Math.Clamp(size - page * Page, 0, Page)).Clear();
            return bytes;
        }
    }
}

using Libsys.Linux;
using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests.Ext4;

/// <summary>A loss of power leaves a whole file system, by our replay and by that of e2fsck, and takes nothing that fsync has confirmed.</summary>
public sealed class Ext4PowerTests
{
    private const uint ReadWrite = 0;
    private const byte Old = 0xEE;

    [Theory]
    [InlineData("-t ext4 -b 1024")]
    [InlineData("-t ext4 -b 1024 -O ^metadata_csum,^64bit")]
    public void After_each_write_of_a_small_workload_all_is_whole(string options)
    {
        Workload work = Workload.Run(Begin(options), seed: 7, steps: 7);
        for (int cut = 0; cut <= work.Events.Count; cut++)
        {
            byte[] image = PowerCut.Prefix(work.Before, work.Events, cut);
            if (cut % 2 == 0)
                CheckOwn(image, work, cut, cut);
            else
                CheckOther(image, work, cut);
        }
    }

    [Theory]
    [InlineData("-t ext4 -b 1024", 1)]
    [InlineData("-t ext4 -b 2048", 2)]
    [InlineData("-t ext4 -b 4096 -J size=4", 3)]
    [InlineData("-t ext4 -b 1024 -O ^metadata_csum,^64bit", 4)]
    public void Whatever_of_the_writes_since_a_flush_is_there_all_is_whole(string options, int seed)
    {
        Workload work = Workload.Run(Begin(options), seed, steps: 60);
        var random = new Random(seed);
        for (int look = 0; look < 60; look++)
        {
            int cut = random.Next(work.Events.Count + 1);
            byte[] image = PowerCut.Reordered(work.Before, work.Events, cut, random);
            if (look % 4 == 3)
                CheckOther(image, work, cut);
            else
                CheckOwn(image, work, cut, look);
        }
    }

    [Fact]
    public void Power_that_fails_again_while_the_journal_is_replayed_takes_nothing()
    {
        Workload work = Workload.Run(Begin("-t ext4 -b 1024"), seed: 9, steps: 30);
        var random = new Random(9);
        for (int look = 0; look < 40; look++)
        {
            int cut = random.Next(work.Events.Count + 1);
            byte[] image = PowerCut.Reordered(work.Before, work.Events, cut, random), before = [.. image];
            var system = new Ext4System(image, look) { Disk = { Recorded = [] } };
            Assert.Equal(0, system.Mount(flags: ReadWrite));
            Assert.Equal(0, system.Unmount());
            int second = random.Next(system.Disk.Recorded.Count + 1);
            CheckOwn(PowerCut.Reordered(before, system.Disk.Recorded, second, random), work, cut, look);
        }
    }

    // All blocks that are free now have been somebody's: nothing of that may ever be seen again.
    private static byte[] Begin(string options)
    {
        byte[] image = HostTools.MakeImage(options, 12288);
        var system = new Ext4System(image, 1, slots: 700, isAtOnce: true);
        Assert.Equal(0, system.Mount(flags: ReadWrite));
        long handle = system.Client.Open("/m/old", OpenFlags.Create | OpenFlags.WriteOnly);
        byte[] old = Enumerable.Repeat(Old, 16384).ToArray();
        while (system.Client.Write(handle, old) > 0)
        {
        }

        Assert.Equal(0, system.Client.Close(handle));
        Assert.Equal(0, system.Client.Unlink("/m/old"));
        Assert.Equal(0, system.Unmount());
        Assert.Equal("", HostTools.Check(image));
        return image;
    }

    private static void CheckOwn(byte[] image, Workload work, int cut, int seed)
    {
        var system = new Ext4System(image, seed);
        long mounted = system.Mount(flags: ReadWrite);
        Assert.True(mounted == 0, $"cut {cut} of {work.Events.Count}: {mounted} {string.Join(';', system.Log)}");
        work.Check(system, cut);
        Assert.Equal(0, system.Unmount());
        string found = HostTools.Check(image);
        Assert.True(found.Length == 0, $"cut {cut} of {work.Events.Count}: {found}");
        Assert.DoesNotContain(system.Log, static line => !line.EndsWith("replaying the journal", StringComparison.Ordinal));
    }

    private static void CheckOther(byte[] image, Workload work, int cut)
    {
        string done = HostTools.Repair(ref image);
        // A tree of extents that could have fewer levels is whole: a file that became shorter has one, on Linux too.
        done = done.Replace("could be shorter.  Optimize? yes", "", StringComparison.Ordinal);
        Assert.False(done.Contains("? yes", StringComparison.Ordinal), $"cut {cut} of {work.Events.Count}: {done}");
        var system = new Ext4System(image, cut);
        Assert.Equal(0, system.Mount());
        work.Check(system, cut);
        Assert.Equal(0, system.Unmount());
    }

    /// <summary>Files that are made, written, moved, cut and removed, and what is known of them.</summary>
    private sealed class Workload
    {
        private readonly List<(int After, string Path, byte[] Bytes)> synced = [];
        private readonly Dictionary<string, byte[]> written = [];
        private readonly Dictionary<string, string> attributes = [];

        public required byte[] Before { get; init; }

        public List<DiskEvent> Events { get; } = [];

        public static Workload Run(byte[] image, int seed, int steps)
        {
            var work = new Workload { Before = [.. image] };
            var system = new Ext4System(image, seed, slots: 700) { Disk = { Recorded = work.Events } };
            Assert.Equal(0, system.Mount(flags: ReadWrite));
            var random = new Random(seed);
            for (int step = 0; step < steps; step++)
                work.Step(system, random, step);
            Assert.Equal(0, system.Unmount());
            Assert.Equal("", HostTools.Check(image));
            Assert.Empty(system.Log);
            return work;
        }

        /// <summary>What was synced before is there, and no file has anything but what was written to it, or zeros.</summary>
        public void Check(Ext4System system, int cut)
        {
            foreach ((int after, string path, byte[] bytes) in synced)
            {
                bool isThere = after > cut || (bytes.AsSpan().SequenceEqual(system.ReadAll(path)) && AttributeOf(system, path) == attributes[path]);
                Assert.True(isThere, $"{path} at {cut}");
            }

            foreach ((string path, byte[] bytes) in written)
            {
                if (system.Client.Stat(path, out _) != 0)
                    continue;
                // Set once, and then taken away with the file only: all of it is there, or nothing.
                Assert.True(AttributeOf(system, path) is { } attribute && (attribute.Length == 0 || attribute == attributes[path]), $"{path} at {cut}");
                byte[] found = system.ReadAll(path);
                Assert.True(found.Length <= bytes.Length, path);
                for (int at = 0; at < found.Length; at++)
                    Assert.True(found[at] == 0 || found[at] == bytes[at], $"{path} at {cut}: byte {at} is {found[at]}");
            }
        }

        private void Step(Ext4System system, Random random, int step)
        {
            TestClient client = system.Client;
            string directory = $"/m/d{step % 4}", path = $"{directory}/f{step}";
            client.MakeDirectory(directory);
            byte[] bytes = new byte[random.Next(1, 14_000)];
            random.NextBytes(bytes);
            written[path] = bytes;
            long handle = client.Open(path, OpenFlags.Create | OpenFlags.ReadWrite);
            if (step % 4 == 1)
                Assert.Equal(0, client.Call(VfsOperation.Allocate, a0: (ulong)handle, a1: (ulong)AllocateMode.KeepSize, a2: 0, a3: (ulong)bytes.Length));
            Assert.Equal(bytes.Length, client.Write(handle, bytes));
            // Some lie in the inode, and most have a block of their own, which comes and goes.
            attributes[path] = new string((char)('a' + step % 26), random.Next(1, 550));
            if (step % 2 == 0)
                Assert.Equal(0, client.SetAttribute(path, "trusted.passing", new byte[300]));
            Assert.Equal(0, client.SetAttribute(path, "user.kept", TestClient.Bytes(attributes[path])));
            if (step % 2 == 0)
                Assert.Equal(0, client.RemoveAttribute(path, "trusted.passing"));
            if (step % 3 == 0)
            {
                Assert.Equal(0, client.Call(VfsOperation.Sync, a0: (ulong)handle, a1: 0));
                synced.Add((Events.Count, path, bytes));
            }

            Change(client, step);
            Assert.Equal(0, client.Close(handle));
        }

        // What is changed after a sync is not what is looked for.
        private void Change(TestClient client, int step)
        {
            string Older(int back) => $"/m/d{(step - back) % 4}/f{step - back}";
            if (step % 5 == 4)
            {
                Forget(Older(2));
                Assert.Equal(0, client.Unlink(Older(2)));
            }

            if (step % 7 == 6)
            {
                Forget(Older(3));
                client.Rename(Older(3), $"/m/moved{step}");
                written[$"/m/moved{step}"] = written[Older(3)];
                attributes[$"/m/moved{step}"] = attributes[Older(3)];
            }

            if (step % 6 == 5)
            {
                long cut = client.Open(Older(1), OpenFlags.ReadWrite);
                Forget(Older(1));
                Assert.Equal(0, client.Truncate(cut, written[Older(1)].Length / 2));
                Assert.Equal(0, client.Close(cut));
            }

            if (step % 8 == 7)
                Assert.Equal(0, client.SymbolicLink(new string('s', 40 + step * 10 % 100), $"/m/link{step}"));
        }

        private static string AttributeOf(Ext4System system, string path)
        {
            long length = system.Client.GetAttribute(path, "user.kept", out byte[] value);
            Assert.True(length >= 0 || length == -(long)Errno.ENODATA, $"{path}: {length}");
            return System.Text.Encoding.ASCII.GetString(value);
        }

        private void Forget(string path) => synced.RemoveAll(entry => entry.Path == path);
    }
}

using Libsys.Linux;
using Libsys.Messages;

namespace Servers.Vfs.Tests.Volumes;

/// <summary>Mounts images with wrong bytes and walks through what is there: every answer must be one that Linux gives.</summary>
internal static class DamagedImages
{
    private static readonly HashSet<Errno> Expected =
    [
        Errno.EIO, Errno.ENOENT, Errno.ENOTDIR, Errno.EISDIR, Errno.EINVAL, Errno.ENXIO, Errno.ELOOP, Errno.EROFS, Errno.EACCES, Errno.ENAMETOOLONG,
        Errno.ENOMEM, Errno.EUCLEAN, Errno.EFBIG,
    ];

    public static void Check(byte[] image, string type, string options, int images, List<int> places)
    {
        int refused = 0, wrong = 0;
        for (int seed = 0; seed < images; seed++)
        {
            var random = new Random(seed);
            var before = new Stack<(int At, byte Value)>();
            for (int changes = random.Next(1, 8); changes > 0; changes--)
            {
                int at = places[random.Next(places.Count)];
                before.Push((at, image[at]));
                image[at] = random.Next(4) switch { 0 => (byte)random.Next(256), 1 => (byte)(image[at] ^ 1 << random.Next(8)), 2 => 0, _ => 0xFF };
            }

            var system = new VolumeSystem(image, seed, slots: 128, isAtOnce: seed % 2 == 0);
            long answer = system.Mount(type, options);
            refused += answer == 0 ? 0 : 1;
            int budget = 400;
            if (Check(answer, seed))
            {
                wrong += Walk(system.Client, "/m", seed, ref budget) ? 0 : 1;
                Assert.Equal(0, system.Unmount());
                Assert.Null(system.Device.Owner);
            }

            foreach ((int at, byte value) in before)
                image[at] = value;
        }

        // Mutations that nothing finds would say that nothing was read.
        Assert.True(refused + wrong > images / 50, $"{refused} refused, {wrong} with errors of {images}");
    }

    private static bool Walk(TestClient client, string path, int seed, ref int budget)
    {
        bool isWhole = true;
        long handle = client.Open(path, OpenFlags.Directory);
        if (handle < 0)
            return Check(handle, seed);
        var names = new List<byte[]>();
        for (int reads = 0; reads < 200; reads++)
        {
            long length = client.Call(VfsOperation.ReadDirectory, default, 1024, (ulong)handle);
            isWhole &= length >= 0 || Check(length, seed);
            if (length <= 0)
                break;
            names.AddRange(Names(client.Channel.Pool[..(int)length].ToArray()));
        }

        client.Close(handle);
        foreach (byte[] name in names.Take(100))
        {
            Assert.False(name.AsSpan().IndexOfAny((byte)'/', (byte)0) >= 0, $"seed {seed}: a name with a slash");
            if (--budget < 0)
                return isWhole;
            byte[] child = [.. TestClient.Bytes(path), (byte)'/', .. name];
            if (name is [(byte)'.'] or [(byte)'.', (byte)'.'])
                continue;
            isWhole &= Look(client, child, seed, ref budget);
        }

        return isWhole;
    }

    private static bool Look(TestClient client, byte[] path, int seed, ref int budget)
    {
        // A path that is no UTF-8 cannot be spelled as a text of this test: its file is looked at by its bytes only.
        string text = System.Text.Encoding.UTF8.GetString(path);
        long answer = client.Call(VfsOperation.Open, path, a0: VfsLimits.WorkingDirectory, a1: OpenFlags.NonBlock);
        if (answer < 0)
            return Check(answer, seed);
        bool isWhole = true;
        Assert.Equal(0, client.StatHandle(answer, out TestStat stat));
        if (InodeMode.Type(stat.Mode) == InodeMode.Regular)
        {
            foreach (long offset in (long[])[0, 4096, 50_000, 1 << 20, 1L << 33])
            {
                long length = client.Read(answer, 8192, out _, offset);
                isWhole &= length >= 0 || Check(length, seed);
            }
        }

        client.Close(answer);
        bool goesDown = InodeMode.Type(stat.Mode) == InodeMode.Directory && path.Length < 600 && TestClient.Bytes(text).AsSpan().SequenceEqual(path);
        return goesDown ? Walk(client, text, seed, ref budget) && isWhole : isWhole;
    }

    // True for success; an error must be one of those that Linux gives.
    private static bool Check(long answer, int seed)
    {
        Assert.True(answer >= 0 || Expected.Contains((Errno)(-answer)), $"seed {seed}: {(Errno)(-answer)}");
        return answer >= 0;
    }

    private static IEnumerable<byte[]> Names(byte[] records)
    {
        for (int at = 0; at < records.Length;)
        {
            int length = records[at + 16] | records[at + 17] << 8;
            int end = Array.IndexOf(records, (byte)0, at + 19);
            yield return records[(at + 19)..end];
            at += length;
        }
    }
}

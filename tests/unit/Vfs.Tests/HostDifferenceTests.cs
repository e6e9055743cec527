using System.Globalization;
using System.Text;
using CsCheck;

namespace Servers.Vfs.Tests;

/// <summary>
/// Random file operations here and on the host's Linux, in a directory each: every result, every byte and every error number must be the same.
/// </summary>
public sealed class HostDifferenceTests
{
    private const int Files = 4;
    private static readonly string[] Names =
        ["a", "b", "c", "d", "a/x", "b/x", "a/y", "b/c/z", "a/", "d/", ".", "..", "a/..", "a/.", "b/../a", "link", "link/x", "link/", "none/x", "a/x/y",
        "loop"];

    private static readonly uint[] Flags =
    [
        OpenFlags.ReadOnly, OpenFlags.WriteOnly, OpenFlags.ReadWrite, OpenFlags.Create | OpenFlags.ReadWrite, OpenFlags.Create | OpenFlags.ReadWrite,
        OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.WriteOnly, OpenFlags.Truncate | OpenFlags.ReadWrite,
            OpenFlags.Create | OpenFlags.Append | OpenFlags.ReadWrite,
        OpenFlags.Directory, OpenFlags.NoFollow, OpenFlags.NoFollow | OpenFlags.Create | OpenFlags.ReadWrite, OpenFlags.Directory | OpenFlags.NoFollow,
        OpenFlags.Path, // not O_CREAT with O_DIRECTORY: what that does changed in Linux 6.4
    ];

    // The host's tmpfs is closest to what vfs promises.
    private static string HostBase => Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    [Theory]
    [InlineData(RootKind.Tmpfs)]
    [InlineData(RootKind.Disk)]
    public void Random_operations_give_what_Linux_gives(RootKind kind)
    {
        HostLinux.SetFileMask(0);
        Gen.Select(Gen.Int[0, 14], Gen.Int[0, 999], Gen.Int[0, 999], Gen.Int[0, 999]).Array[1, 60].Sample(
            operations =>
            {
                string host = Directory.CreateTempSubdirectory("vfs-" + Environment.ProcessId).FullName;
                if (HostBase != Path.GetTempPath())
                {
                    Directory.Delete(host);
                    host = Path.Combine(HostBase, Path.GetFileName(host));
                    Directory.CreateDirectory(host);
                }

                var run = new Comparison(host, new TestSystem(kind, seed: operations.Sum(static step => step.Item2 + step.Item3)));
                string? difference = run.Run(operations);
                run.CloseAll();
                Directory.Delete(host, recursive: true);
                Assert.True(difference == null, difference);
            },
            iter: 1500,
            threads: 1);
    }

    /// <summary>One sequence on both systems.</summary>
    private sealed class Comparison
    {
        private readonly string host;
        private readonly TestClient client;
        private readonly long[] hostFiles = [-1, -1, -1, -1];
        private readonly long[] files = [-1, -1, -1, -1];

        public Comparison(string host, TestSystem system)
        {
            this.host = host;
            client = system.NewClient(1);
            client.MakeDirectory("/t");
        }

        public string? Run((int Kind, int A, int B, int C)[] operations)
        {
            var log = new StringBuilder();
            foreach ((int kind, int a, int b, int c) in operations)
            {
                (string what, string ours, string theirs) = Step(kind, a, b, c);
                log.AppendLine(CultureInfo.InvariantCulture, $"{what}: {ours}");
                if (ours != theirs)
                    return log.AppendLine(CultureInfo.InvariantCulture, $"Linux: {theirs}").ToString();
            }

            return null;
        }

        public void CloseAll()
        {
            foreach (long file in hostFiles)
            {
                if (file >= 0)
                    HostLinux.Close(file);
            }
        }

        private static string Errors(long result) => result < 0 ? ((Errno)(-result)).ToString() : "ok";

        private (string What, string Ours, string Theirs) Step(int kind, int a, int b, int c)
        {
            string name = Names[a % Names.Length];
            string other = Names[b % Names.Length];
            string here = "/t/" + name, there = host + "/" + name;
            int slot = a % Files;
            switch (kind)
            {
                case 0 or 1:
                    return Open(name, b % Files, Flags[c % Flags.Length]);
                case 2:
                    return Write(slot, b, c % 3 == 0 ? -1 : c % 2 * 5000 + c);
                case 3:
                    return Read(slot, b * 13, c % 3 == 0 ? -1 : c % 2 * 5000 + c);
                case 4:
                    long from = c % 5 == 4 ? 10000 + b * 9 : b * 9 - 500;
                    uint whence = (uint)(c % 5);
                    return ($"lseek {slot} {from} {whence}", Number(Files_Seek(slot, from, whence)),
                        Number(hostFiles[slot] < 0 ? -9 : HostLinux.Seek(hostFiles[slot], from, whence)));
                case 5:
                    return ($"ftruncate {slot} {b * 11}", Number(files[slot] < 0 ? -9 : client.Truncate(files[slot], b * 11)),
                    Number(hostFiles[slot] < 0 ? -9 : HostLinux.Truncate(hostFiles[slot], b * 11)));
                case 6:
                    return ("mkdir " + name, Errors(client.MakeDirectory(here, 0x1ED)), Errors(HostLinux.MakeDirectory(there, 0x1ED)));
                case 7:
                    return ("rmdir " + name, Errors(client.RemoveDirectory(here)), Errors(HostLinux.RemoveDirectory(there)));
                case 8:
                    return ("unlink " + name, Errors(client.Unlink(here)), Errors(HostLinux.Unlink(there)));
                case 9:
                    ulong flags = (ulong)(c % 6 < 3 ? 0 : c % 3);
                    return ($"rename {name} {other} {flags}", Errors(client.Rename(here, "/t/" + other, flags)),
                        Errors(HostLinux.Rename(there, host + "/" + other, flags)));
                case 10:
                    return ($"link {name} {other}", Errors(client.Link(here, "/t/" + other)), Errors(HostLinux.Link(there, host + "/" + other)));
                case 11:
                    string text = name == "loop" ? "loop" : Names[c % 8];
                    return ($"symlink {text} {other}", Errors(client.SymbolicLink(text, "/t/" + other)),
                        Errors(HostLinux.SymbolicLink(text, host + "/" + other)));
                case 12:
                    return ($"readlink {name}", Errors(client.ReadLink(here, out string ours)) + ours, Errors(HostLinux.ReadLink(there, out string theirs))
                    + theirs);
                case 13:
                    return ("list " + name, ListHere(here), ListThere(there));
                default:
                    bool follow = b % 2 == 0;
                    return ($"stat {name} {follow}", Shown(client.Stat(here, out TestStat own, follow), own),
                        Shown(HostLinux.Stat(there, follow, out TestStat host1), host1));
            }
        }

        private static string Number(long value) => value < 0 ? ((Errno)(-value)).ToString() : value.ToString(CultureInfo.InvariantCulture);

        private static string Shown(long result, TestStat stat)
        {
            if (result < 0)
                return Errors(result);
            bool isDirectory = InodeMode.Type(stat.Mode) == InodeMode.Directory;

            // Sizes of directories are a file system's own affair, and ".." of the test directory is not part of the test.
            return isDirectory ? "directory" : $"{stat.Mode:x} {stat.Size} {stat.Links}";
        }

        private (string What, string Ours, string Theirs) Open(string name, int slot, uint flags)
        {
            if (files[slot] >= 0)
            {
                client.Close(files[slot]);
                HostLinux.Close(hostFiles[slot]);
            }

            files[slot] = client.Open("/t/" + name, flags, 0x1A4);
            hostFiles[slot] = HostLinux.Open(host + "/" + name, flags, 0x1A4);
            return ($"open {slot} {name} {flags:x}", Errors(files[slot]), Errors(hostFiles[slot]));
        }

        private (string What, string Ours, string Theirs) Write(int slot, int seed, long offset)
        {
            var data = new byte[seed % 7 == 0 ? 0 : seed * 9];
            new Random(seed).NextBytes(data);
            return ($"write {slot} {data.Length} at {offset}",
                Number(files[slot] < 0 ? -9 : client.Write(files[slot], data, offset)),
                Number(hostFiles[slot] < 0 ? -9 : HostLinux.Write(hostFiles[slot], data, offset)));
        }

        private (string What, string Ours, string Theirs) Read(int slot, int length, long offset)
        {
            var theirs = new byte[length];
            byte[] ours = [];
            long own = files[slot] < 0 ? -9 : client.Read(files[slot], length, out ours, offset);
            long other = hostFiles[slot] < 0 ? -9 : HostLinux.Read(hostFiles[slot], theirs, offset);
            bool same = own != other || own <= 0 || ours.AsSpan().SequenceEqual(theirs.AsSpan(0, (int)other));
            return ($"read {slot} {length} at {offset}", Number(own) + (same ? "" : " other bytes"), Number(other));
        }

        private long Files_Seek(int slot, long offset, uint whence) => files[slot] < 0 ? -9 : client.Seek(files[slot], offset, whence);

        private string ListHere(string path)
        {
            long handle = client.Open(path, OpenFlags.Directory);
            if (handle < 0)
                return Errors(handle);
            client.Close(handle);
            return string.Join(' ',
                client.List(path).Where(name => name is not ("." or "..") && (path != "/t/.." || name == "t")).Order(StringComparer.Ordinal));
        }

        private string ListThere(string path)
        {
            long file = HostLinux.Open(path, OpenFlags.Directory, 0);
            if (file < 0)
                return Errors(file);

            // By the open directory: the framework would take "link/.." for the directory that holds the link.
            string opened = $"/proc/self/fd/{file}";
            string names = new FileInfo(opened).LinkTarget == Path.GetDirectoryName(host)
                ? "t"
                : string.Join(' ', Directory.EnumerateFileSystemEntries(opened).Select(name => Path.GetFileName(name)).Order(StringComparer.Ordinal));
            HostLinux.Close(file);
            return names;
        }
    }
}

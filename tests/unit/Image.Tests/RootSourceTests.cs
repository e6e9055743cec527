using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Libsys.Abi;
using Microkernel.Image.Root;
using Microkernel.Image.Roots;

namespace Microkernel.Image.Tests;

/// <summary>Trees from tar files, directories and packages, and what is kept of them.</summary>
public sealed class RootSourceTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("roots-").FullName;
    private readonly RepositoryLayout repository;
    private readonly List<string> notes = [];

    public RootSourceTests()
    {
        repository = new RepositoryLayout(Path.Combine(directory, "project"));
        Directory.CreateDirectory(repository.Configurations);
    }

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Theory]
    [InlineData("--format=pax", "cat")]
    [InlineData("--format=gnu", "gzip -c")]
    [InlineData("--format=ustar", "xz -c")]
    [InlineData("--format=pax", "zstd -qc")]
    public void A_tar_file_keeps_what_it_says(string format, string compress)
    {
        string longName = new('n', format == "--format=ustar" ? 90 : 200);
        Shell($"mkdir -p t/d; cd t; echo text >d/{longName}; ln d/{longName} a; mkfifo -m 600 p; ln -s /d/x l; chmod 4750 d/{longName}; " +
            $"touch -d @1234567890.5 d/{longName}; "
            + $"tar -c {format} --owner=1000 --group=42 . | {compress} >../file.tar");
        RootTree tree = Load("file.tar");
        RootEntry file = tree.Find("d/" + longName)!;
        Assert.Equal((BootArchive.RegularFile | 0x9e8u, 1000u, 42u, 1234567890ul), (file.Mode, file.UserId, file.GroupId, file.ModifiedSeconds));
        Assert.Equal("text\n", file.Content.Text);
        Assert.Same(file, tree.Find("a"));
        Assert.Equal(BootArchive.Fifo | 0x180u, tree.Find("p")!.Mode);
        Assert.Equal("/d/x", tree.Find("l")!.Target);
    }

    [Fact]
    public void Capabilities_come_through_as_bytes_and_devices_as_numbers()
    {
        // By hand: neither may be made without rights.
        byte[] capability = [1, 0, 0, 2, 0, 0xff, 0xfe, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        byte[] pair = [.. "SCHILY.xattr.security.capability="u8, .. capability, (byte)'\n'];
        byte[] record = [.. Encoding.ASCII.GetBytes($"{pair.Length + 3} "), .. pair];
        using var tar = new MemoryStream();
        Header(tar, "x", 'x', record.Length);
        tar.Write(record);
        tar.Write(new byte[512 - record.Length]);
        Header(tar, "ping", '0', 0);
        Header(tar, "dev/zero", '3', 0, "0000001", "0000005");
        tar.Write(new byte[1024]);
        File.WriteAllBytes(Path.Combine(directory, "file.tar"), tar.ToArray());
        for (int load = 0; load < 2; load++) // from the file, and from the kept root
        {
            RootTree tree = Load("file.tar");
            var walk = new BootArchiveAttributes(tree.Find("ping")!.Attributes.Span);
            Assert.True(walk.MoveNext());
            Assert.Equal("security.capability"u8.ToArray(), walk.Name.ToArray());
            Assert.Equal(capability, walk.Value.ToArray());
            Assert.Equal(new DeviceNumber(1, 5), tree.Find("dev/zero")!.Device);
        }
    }

    [Theory]
    [InlineData("head -c 700 good.tar >file.tar", "cut off")]
    [InlineData("head -c 4096 /dev/urandom >file.tar", "damaged")]
    [InlineData("tar -cPf file.tar --transform 's,^good,../up,' good.tar", "not the name of a file")]
    public void A_damaged_or_hostile_archive_is_an_error(string make, string message)
    {
        Shell($"seq 2000 >content; tar -cf good.tar content; {make}");
        Assert.Contains(message, Assert.Throws<ImageException>(() => Load("file.tar")).Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(repository.Roots));
    }

    [Fact]
    public void A_root_is_built_once_and_again_when_a_file_of_it_changes()
    {
        Shell("mkdir -p t/bin; echo one >t/bin/a; ln t/bin/a t/b");
        Assert.Equal("one\n", Load("t").Find("b")!.Content.Text);
        Assert.Equal("one\n", Load("t").Find("b")!.Content.Text);
        Assert.Single(notes);
        Shell("echo two >t/b");
        Assert.Equal("two\n", Load("t").Find("bin/a")!.Content.Text);
        Assert.Equal(2, notes.Count);
    }

    [Fact]
    public void Packages_of_the_same_names_and_content_make_identical_bytes_with_what_their_scripts_would_do()
    {
        Package("tool", "usr/bin/better", "echo",
            "update-alternatives --install /usr/bin/pick pick /usr/bin/better 20 \\\\\n  --slave /usr/share/pick.1 pick.1 /usr/share/better.1",
            "mkdir -p tool/usr/share; echo page >tool/usr/share/better.1");
        Package("worse", "bin/worse", "echo", "update-alternatives --install /usr/bin/pick pick /usr/bin/worse 10", "");
        Package("base", "usr/share/base-passwd/passwd.master", "root:*:0:0:root:/root:/bin/bash", "", "");
        byte[] first = Make("1");
        byte[] second = Make("2");
        Assert.Equal(first, second);

        var reader = new BootArchiveReader(first);
        Assert.Equal("/etc/alternatives/pick", Encoding.UTF8.GetString(reader.Data(reader.Find("usr/bin/pick"u8, false))));
        Assert.Equal("/usr/bin/better", Encoding.UTF8.GetString(reader.Data(reader.Find("etc/alternatives/pick"u8, false))));
        Assert.Equal("/usr/share/better.1", Encoding.UTF8.GetString(reader.Data(reader.Find("etc/alternatives/pick.1"u8, false))));
        Assert.True(reader.Find("usr/bin/worse"u8, false) >= 0); // /bin is a link
        Assert.StartsWith("root:*:", Encoding.UTF8.GetString(reader.Data(reader.Find("etc/shadow"u8, false))));
        Assert.Contains("Status: install ok unpacked", Encoding.UTF8.GetString(reader.Data(reader.Find("var/lib/dpkg/status"u8, false))));
        Assert.True(reader.DataLength(reader.Find("etc/ld.so.cache"u8, false)) > 0);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("xz")]
    [InlineData("zstd")]
    [InlineData("none")]
    public void Packages_may_be_compressed_as_dpkg_can(string compression)
    {
        Package("tool", "usr/bin/tool", "echo", "", "", "-Z" + compression);
        var tree = new RootTree();
        using var contents = new FileStream(Path.Combine(directory, "contents"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        DebianRoot.Unpack(tree, Directory.GetFiles(directory, "*.deb"), contents);
        Assert.Equal("echo\n", tree.Find("usr/bin/tool")!.Content.Text);
        Assert.Contains("Package: tool", tree.Find("var/lib/dpkg/status")!.Content.Text);
    }

    [Fact]
    public void A_directory_keeps_device_nodes_and_leaves_out_sockets_and_says_so()
    {
        Directory.CreateDirectory(Path.Combine(directory, "t"));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(directory, "t/socket")));
        // Only root may make devices, mknod(2); what a tar file says of them is tested above.
        Shell(Environment.IsPrivilegedProcess ? "mkfifo t/fifo; mknod t/zero c 1 5; mknod t/disk b 259 300" : "mkfifo t/fifo");
        RootTree tree = Load("t");
        Assert.Null(tree.Find("socket"));
        Assert.Contains("socket is a socket and is left out", Assert.Single(notes, note => note.Contains("left out", StringComparison.Ordinal)));
        Assert.Equal(BootArchive.Fifo, tree.Find("fifo")!.Type);
        if (!Environment.IsPrivilegedProcess)
            return;
        Assert.Equal((BootArchive.CharacterDevice, new DeviceNumber(1, 5)), (tree.Find("zero")!.Type, tree.Find("zero")!.Device));
        Assert.Equal((BootArchive.BlockDevice, new DeviceNumber(259, 300)), (tree.Find("disk")!.Type, tree.Find("disk")!.Device));
    }

    [Fact]
    public void An_overlay_and_a_directory_bring_extended_attributes()
    {
        Shell("mkdir -p t/d; echo text >t/d/file; ln t/d/file t/a; touch t/plain");
        string attributes = Environment.IsPrivilegedProcess ? "user.one security.capability" : "user.one";
        // setfattr need not be there; tar unpacks attributes where it packs them.
        WriteTar("set.tar", "d/file", attributes.Split(' '));
        Shell("tar -xf set.tar -C t --xattrs --xattrs-include='*'; ln -f t/d/file t/a");
        var overlaid = new RootTree();
        Overlay.AddTo(overlaid, Path.Combine(directory, "t"));
        foreach (RootTree tree in new[] { overlaid, Load("t") })
        {
            Assert.Equal(attributes, string.Join(' ', Names(tree.Find("d/file")!).OrderDescending(StringComparer.Ordinal)));
            Assert.Same(tree.Find("d/file"), tree.Find("a"));
            Assert.Empty(Names(tree.Find("plain")!));
        }
    }

    [Fact]
    public void An_overlay_may_be_a_tar_file_with_owners_of_its_own()
    {
        Shell("mkdir -p t/d; echo text >t/d/file; tar --owner=7 --group=8 -czf over.tar.gz -C t .; echo no >no.tar");
        var tree = new RootTree();
        Overlay.AddTo(tree, Path.Combine(directory, "over.tar.gz"), directory);
        Assert.Equal(("text\n", 7u, 8u), (tree.Find("d/file")!.Content.Text, tree.Find("d/file")!.UserId, tree.Find("d/file")!.GroupId));
        string message = Assert.Throws<ImageException>(() => Overlay.AddTo(tree, Path.Combine(directory, "no.tar"), directory)).Message;
        Assert.Contains("no.tar: ", message);
    }

    [Fact]
    public void A_root_that_is_nothing_is_an_error_that_names_the_lists()
    {
        File.WriteAllText(Path.Combine(repository.Configurations, "tiny.root"), "# nothing\n");
        Assert.Contains("nor one of: tiny", Assert.Throws<ImageException>(() => RootSource.Find(repository, "/no/such")).Message);
        Assert.Contains("names no package", Assert.Throws<ImageException>(() => RootSource.Find(repository, "tiny")).Message);
        File.WriteAllText(Path.Combine(repository.Configurations, "tiny.root"), "--option\n");
        Assert.Contains("not the name of a package", Assert.Throws<ImageException>(() => RootSource.Find(repository, "tiny")).Message);
    }

    private RootTree Load(string name) =>
        RootCache.Load(repository, RootSource.Find(repository, Path.Combine(directory, name)), notes.Add).Tree;

    private byte[] Make(string name)
    {
        var tree = new RootTree();
        string work = Directory.CreateDirectory(Path.Combine(directory, name)).FullName;
        using var contents = new FileStream(Path.Combine(work, "contents"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        DebianRoot.Unpack(tree, Directory.GetFiles(directory, "*.deb"), contents);
        DebianSetup.Finish(tree, Directory.CreateDirectory(Path.Combine(work, "libraries")).FullName);
        return BootArchiveWriter.Write(tree.Entries);
    }

    private static List<string> Names(RootEntry entry)
    {
        var names = new List<string>();
        var walk = new BootArchiveAttributes(entry.Attributes.Span);
        while (walk.MoveNext())
            names.Add(Encoding.UTF8.GetString(walk.Name));
        return names;
    }

    private void WriteTar(string file, string path, string[] attributes)
    {
        // A capability as setcap writes it, capabilities(7): version 2, cap_net_raw permitted and effective.
        byte[] value = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        using var records = new MemoryStream();
        foreach (string name in attributes)
        {
            byte[] pair = [.. Encoding.ASCII.GetBytes($"SCHILY.xattr.{name}="), .. value, (byte)'\n'];
            records.Write([.. Encoding.ASCII.GetBytes($"{pair.Length + 3} "), .. pair]);
        }

        using var tar = new MemoryStream();
        Header(tar, "x", 'x', (int)records.Length);
        tar.Write(records.ToArray());
        tar.Write(new byte[512 - records.Length % 512]);
        Header(tar, path, '0', 0);
        tar.Write(new byte[1024]);
        File.WriteAllBytes(Path.Combine(directory, file), tar.ToArray());
    }

    private void Package(string name, string path, string content, string script, string more, string compression = "-Zxz") => Shell(
        $"mkdir -p {name}/DEBIAN {name}/$(dirname {path}); echo '{content}' >{name}/{path}; {(more.Length > 0 ? more + ";" : "")} "
        + $"printf 'Package: {name}\\nVersion: 1\\nArchitecture: all\\nMaintainer: m <m@m>\\nDescription: d\\n' >{name}/DEBIAN/control; "
        + $"printf '#!/bin/sh\\n{script}\\n' >{name}/DEBIAN/postinst; chmod 755 {name}/DEBIAN/postinst; "
        + $"dpkg-deb --root-owner-group {compression} -b {name} . >/dev/null");

    private void Shell(string script)
    {
        using Process shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-ec", script]) { WorkingDirectory = directory })!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    private static void Header(MemoryStream tar, string name, char type, int length, string major = "", string minor = "")
    {
        byte[] header = new byte[512];
        void Put(int offset, string text) => Encoding.ASCII.GetBytes(text).CopyTo(header, offset);
        Put(0, name);
        Put(100, "0000755");
        Put(124, Convert.ToString(length, 8).PadLeft(11, '0'));
        Put(148, "        ");
        Put(156, type.ToString());
        Put(257, "ustar");
        Put(329, major);
        Put(337, minor);
        Put(148, Convert.ToString(header.Sum(value => value), 8).PadLeft(6, '0') + "\0");
        tar.Write(header);
    }
}

using Libsys.Linux;
using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

/// <summary>Extended attributes of files in memory, and who may do what with which, xattr(7).</summary>
public sealed class ExtendedAttributeTests
{
    private readonly TestSystem system = new();
    private readonly TestClient client;

    public ExtendedAttributeTests() => client = system.NewClient(1);

    [Fact]
    public void Random_attributes_are_those_of_a_model_and_room_comes_back()
    {
        var random = new Random(3);
        Dictionary<string, byte[]>[] model = [[], []];
        string[] paths = ["/a", "/b"];
        long before = system.Root.Kept.Used;
        foreach (string path in paths)
            Assert.Equal(0, client.Close(client.Open(path, OpenFlags.Create | OpenFlags.ReadWrite)));
        for (int step = 0; step < 2000; step++)
        {
            int file = random.Next(2);
            string name = (random.Next(2) == 0 ? "trusted." : "security.") + (char)('a' + random.Next(6));
            bool isThere = model[file].ContainsKey(name);
            if (random.Next(3) == 0)
            {
                Assert.Equal(isThere ? 0 : -(long)Errno.ENODATA, client.RemoveAttribute(paths[file], name));
                model[file].Remove(name);
            }
            else
            {
                byte[] value = new byte[random.Next(2) == 0 ? 0 : random.Next(3000)];
                random.NextBytes(value);
                uint flags = (uint)random.Next(3);
                long expected = isThere && flags == ExtendedAttribute.Create ? -(long)Errno.EEXIST
                    : !isThere && flags == ExtendedAttribute.Replace ? -(long)Errno.ENODATA : 0;
                Assert.Equal(expected, client.SetAttribute(paths[file], name, value, flags));
                if (expected == 0)
                    model[file][name] = value;
            }

            Assert.Equal(model[file].Keys.Order(StringComparer.Ordinal), client.ListAttributes(paths[file]));
            foreach ((string known, byte[] value) in model[file])
            {
                Assert.Equal(value.Length, client.GetAttribute(paths[file], known, out byte[] found));
                Assert.Equal(value, found);
            }
        }

        Assert.True(system.Root.Kept.Used > before);
        foreach (string path in paths)
            Assert.Equal(0, client.Unlink(path));
        Assert.Equal(before, system.Root.Kept.Used);
    }

    /// <summary>One file has a bound, all have one, and what was refused has not begun.</summary>
    [Fact]
    public void What_clients_can_make_vfs_keep_is_bounded()
    {
        byte[] value = new byte[50_000];
        long before = system.Root.Kept.Used;
        Assert.Equal(0, client.Close(client.Open("/a", OpenFlags.Create | OpenFlags.ReadWrite)));
        Assert.Equal(0, client.SetAttribute("/a", "trusted.1", value));
        Assert.Equal(0, client.SetAttribute("/a", "trusted.2", value));
        Assert.Equal(-(long)Errno.ENOSPC, client.SetAttribute("/a", "trusted.3", value));
        Assert.Equal(["trusted.1", "trusted.2"], client.ListAttributes("/a"));
        int files = 0;
        for (long result = 0; result == 0; files++)
        {
            Assert.True(files < 1000);
            Assert.Equal(0, client.Close(client.Open($"/f{files}", OpenFlags.Create | OpenFlags.ReadWrite)));
            result = client.SetAttribute($"/f{files}", "trusted.1", value);
            Assert.True(result is 0 or -(long)Errno.ENOSPC, $"{result}");
        }

        Assert.Equal(0, client.RemoveAttribute("/a", "trusted.1"));
        Assert.Equal(0, client.SetAttribute($"/f{files - 1}", "trusted.1", value));
        for (int file = 0; file < files; file++)
            Assert.Equal(0, client.Unlink($"/f{file}"));
        Assert.Equal(0, client.Unlink("/a"));
        Assert.Equal(before, system.Root.Kept.Used);
    }

    /// <summary>Where Linux with some modules loaded lets users write, xattr(7) does not.</summary>
    [Fact]
    public void Users_read_what_security_says_and_never_write_it()
    {
        Assert.Equal(0, client.Close(client.Open("/a", OpenFlags.Create | OpenFlags.ReadWrite, 0x1b6)));
        Assert.Equal(0, client.SetAttribute("/a", "security.x", [1]));
        Assert.Equal(0, client.SetAttribute("/a", "trusted.x", [1]));
        TestClient user = system.NewClient(2);
        system.Registry.SetCredentials(2, new Credentials(1000, 1000, 1000, 1000, []));
        Assert.Equal(1, user.GetAttribute("/a", "security.x", out _));
        Assert.Equal(-(long)Errno.EPERM, user.SetAttribute("/a", "security.x", [2]));
        Assert.Equal(-(long)Errno.EPERM, user.RemoveAttribute("/a", "security.x"));
        Assert.Equal(-(long)Errno.ENODATA, user.GetAttribute("/a", "trusted.x", out _));
        Assert.Equal(-(long)Errno.EPERM, user.SetAttribute("/a", "trusted.x", [2]));
        Assert.Equal(["security.x"], user.ListAttributes("/a"));
        Assert.Equal(["security.x", "trusted.x"], client.ListAttributes("/a"));
    }

    [Fact]
    public void Requests_that_lie_about_lengths_are_errors()
    {
        Assert.Equal(0, client.Close(client.Open("/a", OpenFlags.Create | OpenFlags.ReadWrite)));
        byte[] bytes = TestClient.Bytes("/atrusted.x");
        foreach (VfsOperation operation in (VfsOperation[])[VfsOperation.SetExtendedAttribute, VfsOperation.GetExtendedAttribute,
            VfsOperation.ListExtendedAttributes, VfsOperation.RemoveExtendedAttribute])
        {
            Assert.Equal(-(long)Errno.EFAULT, client.Call(operation, bytes, a0: VfsLimits.WorkingDirectory, a2: 12, a3: 0));
            Assert.Equal(-(long)Errno.EFAULT, client.Call(operation, bytes, a0: VfsLimits.WorkingDirectory, a2: ulong.MaxValue, a3: 9));
            if (operation == VfsOperation.ListExtendedAttributes)
                continue;
            Assert.Equal(-(long)Errno.EFAULT, client.Call(operation, bytes, a0: VfsLimits.WorkingDirectory, a2: 2, a3: 10));
            Assert.Equal(-(long)Errno.ERANGE, client.Call(operation, bytes, a0: VfsLimits.WorkingDirectory, a2: 2, a3: 0));
            Assert.Equal(-(long)Errno.ERANGE, client.Call(operation, [.. "/a"u8, .. new byte[300]], a0: VfsLimits.WorkingDirectory, a2: 2, a3: 256));
            Assert.Equal(-(long)Errno.ERANGE, client.Call(operation, [.. "/atrusted.\0"u8], a0: VfsLimits.WorkingDirectory, a2: 2, a3: 9));
            Assert.Equal(-(long)Errno.EBADF, client.Call(operation, "trusted.x"u8, a0: 77, a1: AtFlags.EmptyPath, a2: 0, a3: 9));
        }

        Assert.Equal(0, client.SetAttribute("/a", "trusted.x", new byte[20]));
        // More is wanted than there is room for in the buffer.
        ulong handle = (ulong)client.Open("/a");
        Assert.Equal(-(long)Errno.EFAULT, client.Call(VfsOperation.GetExtendedAttribute, "trusted.x"u8, 9, handle, AtFlags.EmptyPath, 0, 9, 100));
        Assert.Equal(-(long)Errno.ERANGE, client.Call(VfsOperation.GetExtendedAttribute, "trusted.x"u8, 9, handle, AtFlags.EmptyPath, 0, 9, 19));
        Assert.Equal(-(long)Errno.EINVAL, client.SetAttribute("/a", "trusted.x", [], 4));
    }
}

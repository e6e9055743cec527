using System.Text;
using Libsys.Linux;
using Libsys.Messages;

namespace Servers.Vfs.Tests;

/// <summary>setxattr(2) and its relatives as a program's personality makes them of requests.</summary>
internal static class AttributeCalls
{
    public static long SetAttribute(this TestClient client, string path, string name, byte[] value, uint flags = 0) => client.Call(
        VfsOperation.SetExtendedAttribute, [.. Bytes(path), .. Bytes(name), .. value], a0: VfsLimits.WorkingDirectory, a1: AtFlags.NoFollow,
        a2: (ulong)Bytes(path).Length, a3: (uint)Bytes(name).Length | (ulong)flags << ExtendedAttribute.FlagShift);

    public static long GetAttribute(this TestClient client, string path, string name, out byte[] value, int wanted = 16384)
    {
        byte[] names = [.. Bytes(path), .. Bytes(name)];
        long result = client.Call(VfsOperation.GetExtendedAttribute, names, Math.Max(names.Length, wanted), VfsLimits.WorkingDirectory,
            AtFlags.NoFollow, (ulong)Bytes(path).Length, (ulong)Bytes(name).Length, (ulong)wanted);
        value = result > 0 && wanted > 0 ? client.Channel.Pool[..(int)result].ToArray() : [];
        return result;
    }

    public static string[] ListAttributes(this TestClient client, string path, int wanted = 16384)
    {
        long result = client.ListAttributes(path, wanted, out byte[] list);
        Assert.True(result >= 0, $"{path}: {result}");
        return [.. Encoding.UTF8.GetString(list).Split('\0', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }

    public static long ListAttributes(this TestClient client, string path, int wanted, out byte[] list)
    {
        long result = client.Call(VfsOperation.ListExtendedAttributes, Bytes(path), Math.Max(Bytes(path).Length, wanted), VfsLimits.WorkingDirectory,
            AtFlags.NoFollow, (ulong)Bytes(path).Length, 0, (ulong)wanted);
        list = result > 0 && wanted > 0 ? client.Channel.Pool[..(int)result].ToArray() : [];
        return result;
    }

    public static long RemoveAttribute(this TestClient client, string path, string name) => client.Call(
        VfsOperation.RemoveExtendedAttribute, [.. Bytes(path), .. Bytes(name)], a0: VfsLimits.WorkingDirectory, a1: AtFlags.NoFollow,
        a2: (ulong)Bytes(path).Length, a3: (ulong)Bytes(name).Length);

    private static byte[] Bytes(string text) => TestClient.Bytes(text);
}

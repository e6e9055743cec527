using System.Globalization;
using System.Text;
using CsCheck;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

/// <summary>A table of names has what was added and not removed, in the order of its coming.</summary>
public sealed class NameTableTests
{
    private const int Different = 60;

    private readonly TestSystem system = new();

    // Mostly additions at first and removals then, so that it grows, shrinks and closes its gaps.
    [Fact]
    public void It_is_what_a_list_and_a_search_through_it_are() =>
        Gen.Select(Gen.Int[0, Different - 1], Gen.Int[0, 9]).Array[1, 400].Sample(
            operations =>
            {
                var table = new NameTable();
                var model = new List<Dentry>();
                long seen = long.MaxValue;
                for (int step = 0; step < operations.Length; step++)
                {
                    (int name, int choice) = operations[step];
                    string text = Text(name);
                    int at = model.FindIndex(dentry => Encoding.UTF8.GetString(dentry.Name) == text);
                    bool adds = choice < (step / 100 % 2 == 0 ? 8 : 2);
                    if (adds && at < 0)
                    {
                        var added = new Dentry(null, Encoding.UTF8.GetBytes(text), system.Root.Root.Inode);
                        table.Add(added);
                        model.Add(added);
                    }
                    else if (!adds && at >= 0)
                    {
                        table.Remove(model[at]);
                        table.Remove(model[at]); // it is not there any more
                        model.RemoveAt(at);
                    }

                    CheckOrder(table, model, seen);
                    seen = model.Count == 0 ? long.MaxValue : model[name % model.Count].Cookie;
                }

                for (int name = 0; name < Different; name++)
                {
                    Dentry? expected = model.Find(dentry => Encoding.UTF8.GetString(dentry.Name) == Text(name));
                    Assert.Equal(expected != null, table.TryFind(Encoding.UTF8.GetBytes(Text(name)), out Dentry? found));
                    Assert.Same(expected, found);
                }
            },
            iter: 300,
            threads: 1);

    // Lengths around the words that a hash is made of, and names that differ in one place.
    private static string Text(int name) => new string('n', name % 20) + name.ToString(CultureInfo.InvariantCulture);

    [Fact]
    public void Hashes_of_names_that_differ_in_one_place_spread()
    {
        var hash = new NameHash();
        for (int length = 1; length <= 40; length++)
        {
            for (int place = 0; place < length; place++)
            {
                byte[] name = new byte[length];
                var chains = new HashSet<uint>();
                for (int value = 1; value < 256; value++)
                {
                    name[place] = (byte)value;
                    chains.Add(hash.Of(name) & 1023);
                }

                // 255 in 1,024 chains: 226 different ones on the average by chance.
                Assert.True(chains.Count > 128, $"{chains.Count} chains for names of {length} bytes that differ in byte {place}");
            }
        }
    }

    // A product by an odd number leaves a difference in the highest bit where it is, whatever the number: such differences must not cancel each other.
    [Fact]
    public void Hashes_of_names_that_differ_in_the_highest_bits_spread()
    {
        var hash = new NameHash();
        var chains = new HashSet<uint>();
        for (int choice = 0; choice < 256; choice++)
        {
            byte[] name = new byte[32];
            name.AsSpan().Fill((byte)'n');
            for (int bit = 0; bit < 8; bit++)
                name[bit * 4 + 3] ^= (byte)((choice >> bit & 1) << 7);
            chains.Add(hash.Of(name) & 1023);
        }

        Assert.True(chains.Count > 128, $"{chains.Count} chains");
    }

    private static void CheckOrder(NameTable table, List<Dentry> model, long seen)
    {
        Assert.Equal(model.Count, table.Count);
        var listed = new List<Dentry>();
        NameTable.Cursor cursor = table.Below(seen);
        while (cursor.Next() is { } dentry)
            listed.Add(dentry);
        Assert.Equal(model.Where(dentry => dentry.Cookie < seen).Reverse(), listed);
    }
}

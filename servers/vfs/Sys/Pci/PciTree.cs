using System.Text;
using Servers.Vfs.Generated;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Sys.Pci;

/// <summary>/sys/devices/pci0000:00 and /sys/bus/pci: functions and their drivers.</summary>
internal sealed class PciTree(SysFileSystem fileSystem, IFunctionTable table, long time)
{
    private const uint Readable = 0x124; // 0444

    /// <summary>Fills both, below <paramref name="root"/>'s directories "devices" and "bus".</summary>
    public void Fill(Dentry devices, Dentry bus)
    {
        Dentry host = Directory(devices, "pci0000:00");
        Dentry pci = Directory(bus, "pci"), links = Directory(pci, "devices"), drivers = Directory(pci, "drivers");
        var known = new HashSet<string>();
        for (int place = 0; place < table.Count; place++)
        {
            if (table.Read(place) is not { } entry)
                continue;
            string name = FunctionText.Name(entry.Address);
            AddFunction(Directory(host, name), place, entry);
            Link(links, name, $"../../../devices/pci0000:00/{name}");
            if (entry.Driver.Length > 0 && known.Add(entry.Driver))
                Directory(drivers, entry.Driver);
        }
    }

    private void AddFunction(Dentry self, int place, FunctionEntry found)
    {
        var directory = (StaticDirectory)self.Inode;
        foreach ((string name, Func<FunctionEntry, string> text) in FunctionText.Files)
        {
            directory.Add(self, name, new GeneratedFile(fileSystem, fileSystem.NextNumber(), Readable, time,
                _ => table.Read(place) is { } entry ? Encoding.UTF8.GetBytes(text(entry) + "\n") : null));
        }

        directory.Add(self, "config", new ConfigurationFile(fileSystem, fileSystem.NextNumber(), time, found.Configuration.Length,
            () => table.Read(place)?.Configuration));
        Link(self, "subsystem", "../../../bus/pci");
        if (found.Driver.Length > 0)
            Link(self, "driver", "../../../bus/pci/drivers/" + found.Driver);
    }

    private Dentry Directory(Dentry parent, string name) =>
        ((StaticDirectory)parent.Inode).Add(parent, name, new StaticDirectory(fileSystem, fileSystem.NextNumber(), time));

    private void Link(Dentry parent, string name, string text) =>
        ((StaticDirectory)parent.Inode).Add(parent, name, new GeneratedLink(fileSystem, fileSystem.NextNumber(), time, _ => Encoding.UTF8.GetBytes(text)));
}

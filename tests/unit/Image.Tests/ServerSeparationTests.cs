using Microkernel.Image.Elf;

namespace Microkernel.Image.Tests;

/// <summary>No server's code is in another server's program or in the kernel: what each linked file holds, by its symbols.</summary>
public class ServerSeparationTests
{
    // What the compiler makes of each server's namespace.
    private static readonly Dictionary<string, string> Namespaces = new()
    {
        ["supervisor"] = "Servers_Supervisor_",
        ["process"] = "Servers_Processes_",
        ["vfs"] = "Servers_Vfs_",
        ["console"] = "Servers_Drivers_Console_",
        ["counter"] = "Tests_Servers_Counting_Server_",
        ["adder"] = "Tests_Servers_Counting_Client_",
        ["grabber"] = "Tests_Servers_Grabbing_",
    };

    [Fact]
    public void Every_server_that_is_built_is_known_here() =>
        Assert.Equal(Namespaces.Keys.Order(), Directory.EnumerateFiles(Path.Combine(Build(), "servers")).Select(f => Path.GetFileName(f)!).Order());

    [Theory]
    [InlineData("supervisor")]
    [InlineData("process")]
    [InlineData("vfs")]
    [InlineData("console")]
    [InlineData("counter")]
    [InlineData("adder")]
    [InlineData("grabber")]
    public void A_server_holds_its_own_code_and_no_other_servers(string server)
    {
        List<string> names = Functions(Path.Combine(Build(), $"publish/{server}/{server}.dbg"));
        Assert.Contains(names, n => n.Contains(Namespaces[server], StringComparison.Ordinal));
        foreach (string other in Namespaces.Keys.Where(o => o != server))
            Assert.DoesNotContain(names, n => n.Contains(Namespaces[other], StringComparison.Ordinal));
        Assert.DoesNotContain(names, n => n.StartsWith("Microkernel_", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("kernel.elf", "Microkernel_")]
    [InlineData("personality.elf", "Personality_")]
    public void Kernel_and_personality_hold_no_code_of_servers(string file, string own)
    {
        List<string> names = Functions(Path.Combine(Build(), file));
        Assert.Contains(names, n => n.StartsWith(own, StringComparison.Ordinal));
        Assert.DoesNotContain(names, n => n.Contains("Servers_", StringComparison.Ordinal) || n.Contains("Libsys_Hosting_", StringComparison.Ordinal));
    }

    private static List<string> Functions(string file)
    {
        Assert.True(File.Exists(file), $"{file} is missing: make build");
        return [.. ElfImage.Load(file).Symbols.Where(s => s.Kind == SymbolKind.Function).Select(s => s.Name)];
    }

    private static string Build() => RepositoryLayout.Find().Build;
}

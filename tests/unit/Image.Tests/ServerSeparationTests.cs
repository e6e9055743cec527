using Microkernel.Image.Elf;

namespace Microkernel.Image.Tests;

/// <summary>No server's code is in another server's program or in the kernel: what each linked file holds, by its symbols.</summary>
public class ServerSeparationTests
{
    public static TheoryData<string> Servers => [.. ServerProject.All.Select(server => server.Name)];

    [Fact]
    public void Every_server_is_built_and_nothing_else() =>
        Assert.Equal(
            ServerProject.All.Select(server => server.Name).Order(),
            Directory.EnumerateFiles(Path.Combine(Build(), "servers")).Select(file => Path.GetFileName(file)).Order());

    [Fact]
    public void Every_server_has_a_namespace_of_its_own() =>
        Assert.Equal(ServerProject.All.Count, ServerProject.All.Select(server => server.Namespace).Distinct().Count());

    [Fact]
    public void No_server_refers_to_a_project_but_libsys() => Assert.Empty(ServerProject.All.SelectMany(server => server.References));

    [Fact]
    public void Only_servers_of_tests_are_variants_of_others()
    {
        string servers = Path.Combine(RepositoryLayout.Find().Root, "servers");
        foreach (string file in Directory.EnumerateFiles(servers, "*.csproj", SearchOption.AllDirectories))
        {
            string text = File.ReadAllText(file);
            Assert.DoesNotContain("VariantOf", text, StringComparison.Ordinal);
            Assert.DoesNotContain("<Compile Include", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public void A_server_holds_its_own_code_and_no_other_servers(string name)
    {
        List<string> functions = Functions(Path.Combine(Build(), $"publish/{name}/{name}.dbg"));
        string? original = ServerProject.All.Single(server => server.Name == name).VariantOf;
        foreach (ServerProject server in ServerProject.All)
        {
            string prefix = Symbol(server);
            if (server.Name == name || server.Name == original)
                Assert.Contains(functions, function => function.Contains(prefix, StringComparison.Ordinal));
            else
                Assert.DoesNotContain(functions, function => function.Contains(prefix, StringComparison.Ordinal));
        }

        Assert.DoesNotContain(functions, function => function.StartsWith("Microkernel_", StringComparison.Ordinal));
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

    // What the compiler makes of a namespace.
    private static string Symbol(ServerProject server) => server.Namespace.Replace('.', '_') + "_";

    private static List<string> Functions(string file)
    {
        Assert.True(File.Exists(file), $"{file} is missing: make build");
        return [.. ElfImage.Load(file).Symbols.Where(s => s.Kind == SymbolKind.Function).Select(s => s.Name)];
    }

    private static string Build() => RepositoryLayout.Find().Build;
}

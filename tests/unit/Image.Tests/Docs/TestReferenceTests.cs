namespace Microkernel.Image.Tests.Docs;

/// <summary>Each page says which test shows what it claims, and what no test shows; the tests, models, files and names that pages speak of exist.</summary>
public sealed class TestReferenceTests
{
    private const string Index = "docs/README.md";

    private static readonly string Root = RepositoryLayout.Find().Root;
    private static readonly Lazy<SourceCatalog> Sources = new(() => SourceCatalog.Read(Root));

    /// <summary>All pages, from the root.</summary>
    public static TheoryData<string> Pages() =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories).Append(Path.Combine(Root, "README.md")).Select(file =>
        Path.GetRelativePath(Root, file)).Order()];

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_names_nothing_that_is_not_there(string page)
    {
        string text = File.ReadAllText(Path.Combine(Root, page));
        var references = new PageReferences(Sources.Value);
        List<string> wrong = [.. references.Unknown(text), .. PageReferences.BrokenLinks(text, Path.Combine(Root, page))];
        // The two that only lead to others claim nothing that those do not.
        if (Path.GetFileName(page) != "README.md")
            wrong.AddRange(references.WrongInSection(text));
        Assert.True(wrong.Count == 0, $"{page}:\n{string.Join('\n', wrong.Distinct())}");
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_is_in_the_list_of_pages(string page)
    {
        if (page is "README.md" or Index)
            return;
        Assert.Contains($"]({Path.GetRelativePath("docs", page)})", File.ReadAllText(Path.Combine(Root, Index)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("`NoSuchTests`", "no test `NoSuchTests`")]
    [InlineData("`TestReferenceTests.Was_renamed`", "no test `TestReferenceTests.Was_renamed`")]
    [InlineData("`tests/models/no-such.pml`", "no test `tests/models/no-such.pml`")]
    [InlineData("`image/{Run,Nowhere}`", "no file or folder `image/Nowhere`")]
    [InlineData("`NoSuchFile.cs`", "no file or folder `NoSuchFile.cs`")]
    // this file must not have the word
    [InlineData("`Window.Gate`, `Window.NoSuch" + "Member`", "no source has the word NoSuch" + "Member of `Window.NoSuch" + "Member`")]
    [InlineData("`TestReferenceTests.A_page_is_in_the_list_of_pages`, `ring.pml`, `image/{Run,Generate}`, `SourceCatalog.cs`, `Window`")]
    public void A_name_that_is_not_there_is_found(string text, params string[] wrong) => Assert.Equal(wrong, new PageReferences(Sources.Value).Unknown(text));

    [Theory]
    [InlineData("# Page\n", "no section \"## What shows it\"")]
    [InlineData("\n## What shows it\n\n", "\"## What shows it\" has no line \"Not tested: ...\"")]
    [InlineData("\n## What shows it\n\nNot tested: a.\n\n## More\n", "\"## What shows it\" is not the last section")]
    [InlineData("\n## What shows it\n\n| claim | test |\n|---|---|\n| a | later |\n\nNot tested: b.\n", "not a row of a claim and its tests:  | a | later | ")]
    [InlineData("\n## What shows it\n\n| claim | test |\n|---|---|\n| a | `ring.pml`, `NoSuch` |\n\nNot tested: b.\n", "no test `NoSuch`")]
    [InlineData("\n## What shows it\n\n| claim | test |\n|---|---|\n| a | \"no such test\" |\n\nNot tested: b.\n", "the kernel has no test \"no such test\"")]
    [InlineData("\n## What shows it\n\n| claim | test |\n|---|---|\n| a | `KernelSizeTests`, \"random calls do no harm\" |\n\nNot tested: b.\n")]
    public void A_wrong_section_is_found(string text, params string[] wrong) => Assert.Equal(wrong, new PageReferences(Sources.Value).WrongInSection(text));

    [Theory]
    [InlineData("[a](no-such.md)", "no file for the link no-such.md")]
    [InlineData("[a](kernel.md#no-such-heading)", "no heading for the link kernel.md#no-such-heading")]
    [InlineData("[a](kernel.md#where-things-are) [b](https://example.org/x)")]
    public void A_link_that_leads_nowhere_is_found(string text, params string[] wrong) =>
        Assert.Equal(wrong, PageReferences.BrokenLinks(text, Path.Combine(Root, "docs/page.md")));
}

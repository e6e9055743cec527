using Microkernel.Image.Docs;
using Xunit;

namespace Microkernel.Image.Tests;

/// <summary>The page of kernel calls and the declaration of the calls say the same.</summary>
public sealed class KernelCallTableTests
{
    [Fact]
    public void The_page_of_kernel_calls_is_up_to_date()
    {
        string root = RepositoryLayout.Find().Root;
        string page = File.ReadAllText(Path.Combine(root, "docs/kernel-calls.md"));
        string source = File.ReadAllText(Path.Combine(root, "libsys/abi/KernelCall.cs"));

        Assert.True(KernelCallTable.Update(page, source) == page,
            "the calls have changed: write docs/kernel-calls.md again by `image docs` (.build/bin/Image/release/image)");
    }

    [Fact]
    public void A_page_without_its_markers_is_an_error()
    {
        Assert.Throws<ImageException>(() => KernelCallTable.Update("# Kernel calls", "enum KernelCall\n{\n    Null = 0,\n}"));
    }
}

using Xunit;

namespace Microkernel.Image.Tests;

/// <summary>The kernel stays small enough to be read: what it gains in one place it has to lose in another.</summary>
public sealed class KernelSizeTests
{
    // A bound of the design; docs/kernel.md says what counts.
    private const int MaxLines = 9250;

    [Fact]
    public void The_kernel_has_at_most_9250_lines()
    {
        string root = Path.Combine(RepositoryLayout.Find().Root, "microkernel");
        // Its tests are another image, and what the compiler leaves behind is nobody's text.
        int lines = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar)[0] is not ("tests" or "obj" or "bin"))
            .Sum(file => File.ReadLines(file).Count());

        Assert.InRange(lines, 1, MaxLines);
    }
}

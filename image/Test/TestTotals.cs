namespace Microkernel.Image.Test;

/// <summary>How many tests passed and failed.</summary>
public readonly record struct TestTotals(int Passed, int Failed)
{
    /// <summary>Both together.</summary>
    public static TestTotals operator +(TestTotals left, TestTotals right) => new(left.Passed + right.Passed, left.Failed + right.Failed);

    /// <summary>The closing line of a test run: <c>N passed, N failed</c>.</summary>
    public override string ToString() => $"{Passed} passed, {Failed} failed";

    /// <summary>Reads a closing line.</summary>
    public static bool TryParse(string line, out TestTotals totals)
    {
        totals = default;
        string[] words = line.Trim().Split(' ');
        if (words is not [_, "passed,", _, "failed"] || !int.TryParse(words[0], out int passed) || !int.TryParse(words[2], out int failed))
            return false;
        totals = new TestTotals(passed, failed);
        return true;
    }
}

using System.Xml;
using System.Xml.Linq;

namespace Microkernel.Image.Test;

/// <summary>Reads the report that <c>dotnet test --logger trx</c> writes.</summary>
public static class TestReport
{
    private static readonly XNamespace Names = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    /// <summary>Totals of a test project.</summary>
    /// <param name="path">The report; a test host that crashed may have written none or half of one.</param>
    /// <param name="exitCode">Exit code of the test command.</param>
    /// <returns>
    /// What the report says. Tests that did not run to an end count as failed; a run that failed without a failed test (the host crashed, no
    /// test was found) counts as one failed test.
    /// </returns>
    public static TestTotals Read(string path, int exitCode)
    {
        TestTotals totals = ReadCounters(path);
        bool incomplete = totals.Failed == 0 && (exitCode != 0 || totals.Passed == 0);
        return incomplete ? totals with { Failed = 1 } : totals;
    }

    private static TestTotals ReadCounters(string path)
    {
        try
        {
            XElement? counters = XDocument.Load(path).Root?.Element(Names + "ResultSummary")?.Element(Names + "Counters");
            int total = (int?)counters?.Attribute("total") ?? 0;
            int passed = (int?)counters?.Attribute("passed") ?? 0;
            return new TestTotals(passed, total - passed);
        }
        catch (Exception error) when (error is IOException or XmlException or FormatException)
        {
            return default;
        }
    }
}

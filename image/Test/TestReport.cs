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

    /// <summary>A line or more for each failed test: its name, and the end of what it said. Nothing for a report that is none.</summary>
    public static IReadOnlyList<string> Failures(string path)
    {
        try
        {
            return
            [
                .. XDocument.Load(path).Descendants(Names + "UnitTestResult").Where(result => (string?)result.Attribute("outcome") == "Failed")
                    .Select(result => $"{(string?)result.Attribute("testName")}\n{EndOf(result.Descendants(Names + "Message").FirstOrDefault()?.Value ?? "")}"),
            ];
        }
        catch (Exception error) when (error is IOException or XmlException)
        {
            return [];
        }
    }

    // The end says how two answers differ, where both are long.
    private static string EndOf(string message)
    {
        const int most = 600;
        string text = message.Trim();
        string end = text.Length <= most ? text : "..." + text[^most..];
        return string.Join('\n', end.Split('\n').Select(line => "    " + line.TrimEnd()));
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

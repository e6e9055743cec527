using System.Globalization;

namespace Microkernel.Image.Bench;

/// <summary>Operations whose instructions have changed by more than the tolerance.</summary>
/// <param name="Grown">A sentence each; these are failures.</param>
/// <param name="Shrunk">A sentence each: the file should follow, or a later growth up to the old number goes unseen.</param>
public sealed record CountComparison(IReadOnlyList<string> Grown, IReadOnlyList<string> Shrunk)
{
    /// <summary>Compares counts with those that are remembered.</summary>
    /// <exception cref="ImageException">One has no counterpart.</exception>
    public static CountComparison Of(InstructionCounts remembered, InstructionCounts measured)
    {
        var grown = new List<string>();
        var shrunk = new List<string>();
        foreach ((string name, long before) in remembered.Rows)
        {
            if (!measured.Rows.TryGetValue(name, out long now))
                throw new ImageException($"instruction counts: {name} was not measured");
            double change = (double)(now - before) / before;
            string sentence = string.Create(CultureInfo.InvariantCulture, $"{name}: {now:N0} instructions, {before:N0} remembered ({change:+0.0 %;-0.0 %})");
            if (change > InstructionCounts.Tolerance)
                grown.Add(sentence);
            else if (change < -InstructionCounts.Tolerance)
                shrunk.Add(sentence);
        }

        return new CountComparison(grown, shrunk);
    }
}

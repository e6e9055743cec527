namespace Microkernel.Image;

/// <summary>Finds the name that a mistyped one was probably meant to be.</summary>
internal static class NearestName
{
    /// <summary>A sentence part like <c>(did you mean EXEC?)</c>, or the list of all names when none is near.</summary>
    public static string Suggestion(string mistyped, IEnumerable<string> names)
    {
        List<string> known = [.. names];
        string? nearest = known.MinBy(name => Distance(Normal(mistyped), Normal(name)));
        bool isNear = nearest is not null && Distance(Normal(mistyped), Normal(nearest)) <= Math.Max(1, nearest.Length / 2);
        return isNear ? $"(did you mean {nearest}?)" : $"(known: {string.Join(", ", known)})";
    }

    private static string Normal(string name) => name.ToUpperInvariant();

    // Levenshtein's distance: insertions, deletions and replacements of one character.
    private static int Distance(string left, string right)
    {
        int[] previous = [.. Enumerable.Range(0, right.Length + 1)];
        for (int row = 1; row <= left.Length; row++)
        {
            int[] current = new int[right.Length + 1];
            current[0] = row;
            for (int column = 1; column <= right.Length; column++)
            {
                int replaced = previous[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1);
                current[column] = Math.Min(replaced, Math.Min(previous[column], current[column - 1]) + 1);
            }

            previous = current;
        }

        return previous[^1];
    }
}

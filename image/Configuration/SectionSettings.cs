using System.Globalization;
using Libsys.Hosting.Manifest;

namespace Microkernel.Image.Configuration;

/// <summary>Typed access to the settings of one section. What nobody read is unknown, see <see cref="RefuseUnread"/>.</summary>
internal sealed class SectionSettings(ConfigurationFile file, Section section)
{
    // Less is used up by the slots that the cache keeps at hand.
    private const long LeastCache = 4L << 20;

    private readonly HashSet<string> known = [];

    /// <summary>The section.</summary>
    public Section Section => section;

    /// <summary>An error in this section's setting, or in its heading when the setting is missing.</summary>
    public ImageException Error(string key, string message) =>
        file.Error(section.Settings.Find(setting => setting.Key == key)?.Line ?? section.Line, message);

    /// <summary>An error in a setting.</summary>
    public ImageException Error(Setting setting, string message) => file.Error(setting.Line, message);

    /// <summary>A word or several, or <paramref name="absent"/>.</summary>
    public string Text(string key, string absent) => Find(key)?.Value ?? absent;

    /// <summary>A number within bounds.</summary>
    public int Number(string key, int absent, int least, int most)
    {
        Setting? setting = Find(key);
        if (setting is null)
            return absent;
        bool valid = TryParseNumber(setting.Value, out int number) && number >= least && number <= most;
        return valid ? number : throw file.Error(setting.Line, $"{key} is a number from {least} to {most}, not {setting.Value}");
    }

    /// <summary>A size in bytes, written with K, M or G.</summary>
    public long Size(string key, long absent, long least)
    {
        Setting? setting = Find(key);
        if (setting is null)
            return absent;
        bool valid = ByteSize.TryParse(setting.Value, out long size) && size >= least;
        return valid ? size : throw file.Error(setting.Line, $"{key} is a size of at least {ByteSize.Format(least)}, such as 64M, not {setting.Value}");
    }

    /// <summary>The page cache's limit: a percentage of the memory, or a size.</summary>
    public CacheLimit Cache(long memory)
    {
        if (Find("cache") is not { } setting)
            return CacheLimit.Default;
        if (setting.Value.EndsWith('%') && TryParseNumber(setting.Value[..^1], out int percent) && percent is > 0 and <= CacheLimit.MostPercent)
            return new CacheLimit(percent, 0);
        return ByteSize.TryParse(setting.Value, out long size) && size >= LeastCache && size <= memory
            ? new CacheLimit(0, size)
            : throw file.Error(setting.Line,
                $"cache is 1% to {CacheLimit.MostPercent}%, or a size from {ByteSize.Format(LeastCache)} to the machine's {ByteSize.Format(memory)}, "
                + $"not {setting.Value}");
    }

    /// <summary>One of some words.</summary>
    public T Choice<T>(string key, T absent, IReadOnlyDictionary<string, T> choices)
    {
        Setting? setting = Find(key);
        if (setting is null)
            return absent;
        return choices.TryGetValue(setting.Value, out T? value)
            ? value
            : throw file.Error(setting.Line, $"{key} = {setting.Value}: unknown value {NearestName.Suggestion(setting.Value, choices.Keys)}");
    }

    /// <summary>Some of some words, separated by commas.</summary>
    public IEnumerable<T> Choices<T>(string key, IReadOnlyDictionary<string, T> choices)
    {
        if (Find(key) is not { } setting)
            yield break;
        foreach (string word in setting.Value.Split(',', StringSplitOptions.TrimEntries))
        {
            yield return choices.TryGetValue(word, out T? value)
                ? value
                : throw file.Error(setting.Line, $"{key} = {setting.Value}: unknown {word} {NearestName.Suggestion(word, choices.Keys)}");
        }
    }

    /// <summary>All settings <c>KEY.NAME = numbers</c>, each with as many numbers as asked for.</summary>
    public IEnumerable<(string Name, int[] Numbers, Setting Setting)> Named(string key, int count, string form)
    {
        known.Add(key + ".NAME");
        foreach (Setting setting in section.Settings.Where(setting => setting.Key == key && setting.Name.Length > 0))
        {
            string[] words = setting.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            int[] numbers = [.. words.Select(word => TryParseNumber(word, out int number) ? number : -1)];
            if (numbers.Length != count || numbers.Any(number => number is < 0 or > 0xffff))
                throw file.Error(setting.Line, $"{key}.{setting.Name} is written {form}, not {setting.Value}");
            yield return (setting.Name, numbers, setting);
        }
    }

    /// <summary>Refuses each setting that nothing asked for.</summary>
    public void RefuseUnread()
    {
        foreach (Setting setting in section.Settings)
        {
            string written = setting.Name.Length == 0 ? setting.Key : $"{setting.Key}.{setting.Name}";
            string pattern = setting.Name.Length == 0 ? setting.Key : setting.Key + ".NAME";
            if (!known.Contains(pattern))
                throw file.Error(setting.Line, $"unknown key {written} {NearestName.Suggestion(written, known)}");
        }
    }

    private Setting? Find(string key)
    {
        known.Add(key);
        return section.Settings.Find(setting => setting.Key == key && setting.Name.Length == 0);
    }

    private static bool TryParseNumber(string text, out int number) => text.StartsWith("0x", StringComparison.Ordinal)
        ? int.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

using Microkernel.Image;

namespace Microkernel.Image.Configuration;

/// <summary>One <c>key = value</c> with its place.</summary>
/// <param name="Key">The part before the first dot of what stands left of the equals sign.</param>
/// <param name="Name">The part behind that dot, or empty.</param>
/// <param name="Value">What stands right of the equals sign.</param>
/// <param name="Line">Number of the line, from 1.</param>
internal sealed record Setting(string Key, string Name, string Value, int Line);

/// <summary>A section and its settings.</summary>
internal sealed record Section(string Kind, string Name, int Line, List<Setting> Settings);

/// <summary>The syntax of a configuration: sections, settings, comments. What they mean is <see cref="MachineConfiguration"/>'s.</summary>
internal sealed class ConfigurationFile
{
    private readonly List<Section> sections = [];
    private readonly string name;

    private ConfigurationFile(string name) => this.name = name;

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<Section> Sections => sections;

    /// <summary>Parses the text.</summary>
    /// <param name="name">File name for messages.</param>
    /// <param name="text">Content of the file.</param>
    /// <exception cref="ImageException">A line is neither section, setting, comment nor empty; a section or key occurs twice.</exception>
    public static ConfigurationFile Parse(string name, string text)
    {
        var file = new ConfigurationFile(name);
        string[] lines = text.Split('\n');
        for (int index = 0; index < lines.Length; index++)
            file.AddLine(lines[index].Trim(), index + 1);
        return file;
    }

    /// <summary>An error that names file and line.</summary>
    public ImageException Error(int line, string message) => new($"{name}:{line}: {message}");

    private void AddLine(string line, int number)
    {
        if (line.Length == 0 || line.StartsWith('#'))
            return;
        if (line.StartsWith('['))
            AddSection(line, number);
        else
            AddSetting(line, number);
    }

    private void AddSection(string line, int number)
    {
        string[] words = line.Trim('[', ']').Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (!line.EndsWith(']') || words.Length is not (1 or 2))
            throw Error(number, $"a section is written [KIND] or [KIND NAME], not {line}");
        string sectionName = words.Length == 2 ? words[1] : "";
        Section? first = sections.Find(section => section.Kind == words[0] && section.Name == sectionName);
        if (first is not null)
            throw Error(number, $"section {line} stands in line {first.Line} already");
        sections.Add(new Section(words[0], sectionName, number, []));
    }

    private void AddSetting(string line, int number)
    {
        int equals = line.IndexOf('=');
        if (equals <= 0)
            throw Error(number, $"expected `key = value`, found `{line}`");
        if (sections.Count == 0)
            throw Error(number, "a setting stands before the first section");
        string left = line[..equals].Trim();
        int dot = left.IndexOf('.');
        var setting = new Setting(dot < 0 ? left : left[..dot], dot < 0 ? "" : left[(dot + 1)..], line[(equals + 1)..].Trim(), number);
        if (setting.Value.Length == 0)
            throw Error(number, $"{left} has no value");
        Setting? first = sections[^1].Settings.Find(other => other.Key == setting.Key && other.Name == setting.Name);
        if (first is not null)
            throw Error(number, $"{left} is set in line {first.Line} already");
        sections[^1].Settings.Add(setting);
    }
}

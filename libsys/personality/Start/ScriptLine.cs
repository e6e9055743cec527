namespace Libsys.Personality;

/// <summary>The first line of a script: "#!", the interpreter's path, one optional argument (execve(2), "Interpreter scripts").</summary>
internal static unsafe class ScriptLine
{
    /// <summary>Interpreters that are scripts themselves are followed this often, then ELOOP.</summary>
    public const uint Levels = 5;

    /// <summary>Bytes of the file that are looked at: BINPRM_BUF_SIZE of execve(2), since Linux 5.1.</summary>
    public const uint Limit = 256;

    /// <summary>True if the file starts with "#!".</summary>
    public static bool IsScript(byte* text, long length) => length >= 2 && text[0] == '#' && text[1] == '!';

    /// <summary>
    /// Splits the line in place: both parts end with a NUL in <paramref name="text"/>, which has room for one byte more than <paramref name="length"/>.
    /// The argument is null if there is none. False: no interpreter is named.
    /// </summary>
    public static bool Split(byte* text, uint length, out byte* interpreter, out byte* argument)
    {
        interpreter = null;
        argument = null;
        uint end = 2;
        while (end < length && text[end] != '\n' && text[end] != 0)
            end++;
        // A path that the limit cuts off is not a path.
        bool cut = end == length && length == Limit;
        while (end > 2 && IsBlank(text[end - 1]))
            end--;
        text[end] = 0;

        uint position = 2;
        while (position < end && IsBlank(text[position]))
            position++;
        if (position == end)
            return false;
        interpreter = text + position;
        while (position < end && !IsBlank(text[position]))
            position++;
        if (position == end)
            return !cut;
        text[position++] = 0;
        while (position < end && IsBlank(text[position]))
            position++;
        argument = position < end ? text + position : null;
        return true;
    }

    private static bool IsBlank(byte value) => value == ' ' || value == '\t';
}

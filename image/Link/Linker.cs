using System.Diagnostics;

namespace Microkernel.Image.Link;

/// <summary>Runs ld.lld with one of the linker scripts that this tool carries.</summary>
internal static class Linker
{
    /// <param name="script">Name of the embedded script, for example <c>kernel.ld</c>.</param>
    /// <param name="definitions">Symbols that the script expects from outside.</param>
    /// <param name="wrapped">Functions that other objects' calls reach through <c>__wrap_NAME</c>.</param>
    /// <exception cref="BuildFailedException">The linker is missing or found an error; its message is in the exception.</exception>
    public static void Link(
        string script, string output, IEnumerable<string> objects, IEnumerable<(string Symbol, ulong Value)> definitions,
        IEnumerable<string>? wrapped = null) =>
        Run(script, output,
        [
            "-static", "-nostdlib", "--fatal-warnings", .. definitions.Select(d => $"--defsym={d.Symbol}=0x{d.Value:x}"),
            .. (wrapped ?? []).Select(function => $"--wrap={function}"), .. objects,
        ]);

    /// <summary>The same for a shared object with a name of its own; its script says which versions of which functions it has.</summary>
    public static void LinkShared(string script, string name, string output, IEnumerable<string> objects) =>
        Run(script, output, ["-shared", "-soname", name, "--hash-style=both", "--strip-all", "-Bsymbolic", .. objects]);

    private static void Run(string script, string output, string[] arguments)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
        string scriptPath = output + ".ld";
        using (Stream stream = typeof(Linker).Assembly.GetManifestResourceStream(script)
            ?? throw new BuildFailedException($"no linker script named {script}"))
        using (FileStream file = File.Create(scriptPath))
            stream.CopyTo(file);

        // 4 KiB pages: the default of 64 KiB would leave holes in the image.
        Run("ld.lld", ["-z", "max-page-size=4096", "-T", scriptPath, "-o", output, .. arguments]);
    }

    private static void Run(string program, string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new BuildFailedException($"{program} failed:\n{errors.TrimEnd()}");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new BuildFailedException($"cannot run {program} (Debian package lld): {e.Message}");
        }
    }
}

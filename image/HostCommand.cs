using System.Diagnostics;

namespace Microkernel.Image;

/// <summary>Runs programs of the build machine.</summary>
internal static class HostCommand
{
    /// <summary>Standard output of a program.</summary>
    /// <exception cref="ImageException">It cannot be started or fails.</exception>
    public static string Output(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        using Process process = Process.Start(start) ?? throw new ImageException($"{program} cannot be started");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new ImageException($"{program} failed with status {process.ExitCode}");
    }

    /// <summary>Lines that a program writes to standard error.</summary>
    /// <exception cref="ImageException">It cannot be started or fails.</exception>
    public static string[] Errors(string program, params string[] arguments)
    {
        using Process process = Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.BaseStream.CopyTo(Stream.Null);
        string text = errors.GetAwaiter().GetResult();
        process.WaitForExit();
        return process.ExitCode == 0
            ? text.Split('\n', StringSplitOptions.RemoveEmptyEntries) : throw new ImageException($"{program} failed with status {process.ExitCode}");
    }

    /// <summary>Hands standard output over as it comes.</summary>
    /// <exception cref="ImageException">It cannot be started or fails.</exception>
    public static void Read(string program, IEnumerable<string> arguments, Action<Stream> read)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        using Process process = Start(start);
        try
        {
            read(process.StandardOutput.BaseStream);
        }
        catch
        {
            process.Kill();
            throw;
        }

        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new ImageException($"{program} failed with status {process.ExitCode}");
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new ImageException($"{start.FileName} cannot be started: {error.Message}");
        }
    }

    /// <summary>Lines of standard output.</summary>
    public static string[] Lines(string program, params string[] arguments) =>
        Output(program, arguments).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

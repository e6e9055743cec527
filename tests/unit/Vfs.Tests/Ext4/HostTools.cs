using System.Diagnostics;

namespace Servers.Vfs.Tests.Ext4;

/// <summary>e2fsprogs on the host: makes images, changes and checks them.</summary>
internal static class HostTools
{
    /// <summary>An image of a tree. The tree's files are those of a folder of the host.</summary>
    public static byte[] MakeImage(string options, long kilobytes = 16384, string? folder = null, string? commands = null)
    {
        string path = Path.GetTempFileName();
        try
        {
            Run("mke2fs", $"-q -F {options} {(folder == null ? "" : "-d " + folder)} {path} {kilobytes}k");
            if (commands != null)
                Debug(path, commands);
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Lets debugfs change an image, or ask it something.</summary>
    public static string Debug(string path, string commands)
    {
        string script = Path.GetTempFileName();
        File.WriteAllText(script, commands + "\n");
        string output = Run("debugfs", $"-w -f {script} {path}");
        File.Delete(script);
        return output;
    }

    /// <summary>Asks debugfs about an image.</summary>
    public static string Ask(byte[] image, string commands)
    {
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, image);
        string output = Debug(path, commands);
        File.Delete(path);
        return output;
    }

    /// <summary>e2fsck -fn: what it finds, or nothing.</summary>
    public static string Check(byte[] image)
    {
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, image);
        string output = Run("e2fsck", $"-fn {path}", isChecked: false, out int code);
        File.Delete(path);
        return code == 0 ? "" : output;
    }

    /// <summary>e2fsck -fy: what it has done, and the image afterwards.</summary>
    public static string Repair(ref byte[] image)
    {
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, image);
        string output = Run("e2fsck", $"-fy {path}", isChecked: false, out _);
        image = File.ReadAllBytes(path);
        File.Delete(path);
        return output;
    }

    /// <summary>Lets e2fsck sort directories, which gives large ones an index.</summary>
    public static void Optimize(string path) => Run("e2fsck", $"-fyD {path}", isChecked: false, out _);

    public static string Run(string tool, string arguments) => Run(tool, arguments, isChecked: true, out _);

    private static string Run(string tool, string arguments, bool isChecked, out int code)
    {
        var start = new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Debian has them where only root looks.
        start.Environment["PATH"] = "/usr/sbin:/sbin:" + Environment.GetEnvironmentVariable("PATH");
        start.FileName = File.Exists("/usr/sbin/" + tool) ? "/usr/sbin/" + tool : "/sbin/" + tool;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        code = process.ExitCode;
        Assert.True(!isChecked || code == 0, $"{tool} {arguments}: {code}\n{output}");
        return output;
    }
}

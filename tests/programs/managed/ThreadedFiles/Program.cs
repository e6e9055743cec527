using System.Text;

// Several threads write, append, rename, read back and delete files of their own in one directory; then the directory must be empty.
// The output does not depend on the order of threads, so that two systems can be compared.
string directory = Path.Combine(args.Length > 0 ? args[0] : "/tmp", "threaded-files");
const int Threads = 8, Files = 20, Lines = 200;
Directory.CreateDirectory(directory);

long[] sums = new long[Threads];
Exception?[] failures = new Exception?[Threads];
Thread[] threads = new Thread[Threads];
for (int t = 0; t < Threads; t++)
{
    int id = t;
    threads[t] = new Thread(() =>
    {
        try { sums[id] = Work(id); }
        catch (IOException e) { failures[id] = e; }
    });
    threads[t].Start();
}
foreach (Thread thread in threads)
    thread.Join();

for (int t = 0; t < Threads; t++)
    Console.WriteLine(failures[t] is { } failure ? $"thread {t}: {failure.Message}" : $"thread {t}: {sums[t]}");
Console.WriteLine($"left over: {Directory.GetFileSystemEntries(directory).Length}");
Directory.Delete(directory);
return failures.Any(failure => failure is not null) ? 1 : 0;

long Work(int id)
{
    long sum = 0;
    for (int f = 0; f < Files; f++)
    {
        string first = Path.Combine(directory, $"{id}-{f}.tmp"), second = Path.Combine(directory, $"{id}-{f}.txt");
        using (StreamWriter writer = new(first, append: false, Encoding.UTF8))
        {
            for (int line = 0; line < Lines; line++)
                writer.WriteLine($"{id} {f} {line}");
        }
        File.AppendAllText(first, "end\n");
        File.Move(first, second);
        foreach (string line in File.ReadLines(second))
            sum += line.Length;
        using (FileStream stream = new(second, FileMode.Open, FileAccess.ReadWrite))
        {
            stream.Seek(-4, SeekOrigin.End);
            sum += stream.ReadByte();
            stream.SetLength(10);
            sum += stream.Length;
        }
        File.Delete(second);
    }
    return sum;
}

// Threads that read and write devices or fifos, and threads that work with files, all at once: requests to several servers from one process, of which one
// thread reads the completions. The output does not depend on the order of threads.
const int Readers = 4, Writers = 4, Filers = 3, Bytes = 400, Files = 60;
const byte Stop = 255;

FileStream[] boxes = [.. args.Select(path => new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0))];
long sum = 0, count = 0;
var failures = new List<string>();
Thread[] readers = Start(Readers * boxes.Length, reader =>
{
    FileStream box = boxes[reader % boxes.Length];
    byte[] one = new byte[1];
    while (box.Read(one) == 1 && one[0] != Stop)
    {
        Interlocked.Add(ref sum, one[0]);
        Interlocked.Increment(ref count);
    }
});
Thread[] writers = Start(Writers * boxes.Length, writer =>
{
    using FileStream own = new(args[writer % boxes.Length], FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    for (int value = 0; value < Bytes; value++)
        own.Write([(byte)((value + writer) % 200)]);
});
Thread[] filers = Start(Filers, filer =>
{
    for (int file = 0; file < Files; file++)
    {
        string name = $"/tmp/connected-{filer}-{file}";
        File.WriteAllText(name, new string((char)('a' + filer), 3000 + file));
        if (File.ReadAllText(name).Length != 3000 + file)
            throw new IOException($"{name} has another length");
        File.Delete(name);
    }
});
foreach (Thread thread in writers.Concat(filers))
    thread.Join();
for (int reader = 0; reader < Readers * boxes.Length; reader++)
    boxes[reader % boxes.Length].Write([Stop]);
foreach (Thread thread in readers)
    thread.Join();
foreach (string failure in failures)
    Console.WriteLine(failure);
Console.WriteLine($"{count} bytes, sum {sum}, {Directory.GetFiles("/tmp", "connected-*").Length} files left");
return failures.Count;

Thread[] Start(int threads, Action<int> work) => [.. Enumerable.Range(0, threads).Select(number =>
{
    var thread = new Thread(() =>
    {
        try { work(number); }
        catch (IOException error) { lock (failures) failures.Add(error.Message); }
    });
    thread.Start();
    return thread;
})];

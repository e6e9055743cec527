// Threads of one process take from an eventfd that another process adds to (tests/programs/bare/EventChecks), and give back to it. The output does not depend
// on the order of threads.
using Microsoft.Win32.SafeHandles;

const int Threads = 4, Each = 400, ValueLength = 8;

using SafeFileHandle counter = new(int.Parse(args[0]), ownsHandle: false);
long sum = 0;
var failures = new List<string>();
Thread[] threads = [.. Enumerable.Range(0, Threads).Select(number =>
{
    var thread = new Thread(() =>
    {
        try { Take(number); }
        catch (IOException error) { lock (failures) failures.Add(error.Message); }
    });
    thread.Start();
    return thread;
})];
foreach (Thread thread in threads)
    thread.Join();
foreach (string failure in failures)
    Console.WriteLine(failure);
Console.WriteLine($"{sum} taken");
return failures.Count;

// Each thread takes its share; every other one gives one back in between, and takes one more.
void Take(int number)
{
    byte[] value = new byte[ValueLength];
    for (int count = 0; count < Each; count++)
    {
        Interlocked.Add(ref sum, Read(value));
        if (number % 2 != 0)
            continue;
        RandomAccess.Write(counter, BitConverter.GetBytes(1L), 0);
        Read(value);
    }
}

long Read(byte[] value) => RandomAccess.Read(counter, value, 0) == ValueLength ? BitConverter.ToInt64(value) : throw new IOException("a short read");

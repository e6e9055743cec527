namespace Libsys.Bench;

/// <summary>The two ends of a pipe(2).</summary>
internal readonly unsafe record struct Pipe(long Read, long Write)
{
    /// <summary>Makes one.</summary>
    public static Pipe Create()
    {
        int* ends = stackalloc int[2];
        Linux.Check(Linux.Call(Numbers.Pipe, (nint)ends));
        return new Pipe(ends[0], ends[1]);
    }

    /// <summary>Closes both ends.</summary>
    public void Close()
    {
        Linux.Call(Numbers.Close, Read);
        Linux.Call(Numbers.Close, Write);
    }
}

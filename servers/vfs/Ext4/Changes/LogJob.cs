using Servers.Vfs.Waiting;

namespace Servers.Vfs.Ext4;

/// <summary>
/// Something that changes the file system and is nobody's request: a step that has to wait for a block, or for room in the log, is made again when that has
/// come.
/// </summary>
internal abstract class LogJob
{
    private readonly Ext4FileSystem disk;
    private Transactions? heard;
    private bool isRunning, isAgain;

    protected LogJob(Ext4FileSystem disk)
    {
        this.disk = disk;
        Reader = new DirectReader(disk.Volume, Run);
    }

    /// <summary>Reads for it.</summary>
    protected DirectReader Reader { get; }

    /// <summary>Begins, or goes on.</summary>
    public void Run()
    {
        isAgain = true;
        if (isRunning)
            return;
        isRunning = true;
        Errno error = Errno.None;
        while (isAgain)
        {
            isAgain = false;
            error = disk.Log == null ? Errno.EROFS : Step();
        }

        isRunning = false;
        if (error == Errno.EAGAIN)
            Listen();
        else if (error != Errno.Wait)
            Stepped(error);
    }

    /// <summary>Does what can be done. Wait: for a block that the reader reads. EAGAIN: for the log.</summary>
    protected abstract Errno Step();

    /// <summary>A step has come to its end, or failed.</summary>
    protected abstract void Stepped(Errno error);

    private void Listen()
    {
        if (heard != null)
            return;
        heard = disk.Log!;
        heard.Ended += Retry;
    }

    private void Retry()
    {
        heard!.Ended -= Retry;
        heard = null;
        Run();
    }
}

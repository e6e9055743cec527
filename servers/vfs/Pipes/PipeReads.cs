using Libsys.Messages;
using Servers.Vfs.Requests;

namespace Servers.Vfs.Pipes;

/// <summary>Waiting reads that a writer may fill directly.</summary>
internal static class PipeReads
{
    /// <summary>True for a read of this pipe that has got nothing yet and still wants something.</summary>
    public static bool IsPlainRead(Request request, Pipe pipe) =>
        request.Connection != null && !request.IsQueued && request.Progress == 0
        && request.Submission.Operation == (ushort)VfsOperation.Read
        && request.Submission.PoolLength > 0
        && request.File is PipeFile file && ReferenceEquals(file.Pipe, pipe) && file.CanRead;

    /// <summary>Notes what was put into its buffer; the next try answers with it.</summary>
    public static void Complete(Request request, int length)
    {
        request.Progress = length;
        request.StopWaiting();
        request.MakeReady();
    }
}

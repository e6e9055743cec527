using Libsys.Linux;
using Libsys.Rings;

namespace Libsys.Hosting.Programs;

/// <summary>A request of a program.</summary>
/// <param name="Connection">Where it came from.</param>
/// <param name="Submission">The program's claims.</param>
/// <param name="File">The description that it is about; null: none, or several.</param>
internal readonly record struct WaitingRequest(ProgramConnection Connection, Submission Submission, ProgramFile? File);

/// <summary>Requests that wait for an event, in the order in which they came. A connection's window bounds how many it can have here.</summary>
internal sealed class WaitingRequests
{
    private readonly List<WaitingRequest> list = [];

    /// <summary>One that waits.</summary>
    public void Add(in WaitingRequest request)
    {
        list.Add(request);
        if (request.File is { } file)
            file.Pending++;
    }

    /// <summary>Tries all again; those with a result are answered.</summary>
    public void TryAll(Func<WaitingRequest, long?> tryServe)
    {
        for (int index = 0; index < list.Count;)
        {
            if (tryServe(list[index]) is { } result)
                Answer(index, result);
            else
                index++;
        }
    }

    /// <summary>Ends a request with −EINTR, if it still waits.</summary>
    public void Cancel(ProgramConnection connection, ulong tag)
    {
        int index = list.FindIndex(entry => entry.Connection == connection && entry.Submission.Tag == tag);
        if (index >= 0)
            Answer(index, -Errno.EINTR);
    }

    /// <summary>Drops all requests of a connection, without answers.</summary>
    public void Drop(ProgramConnection connection)
    {
        for (int index = list.Count - 1; index >= 0; index--)
        {
            if (list[index].Connection == connection)
                Remove(index);
        }
    }

    private void Answer(int index, long result)
    {
        WaitingRequest request = list[index];
        Remove(index);
        request.Connection.Channel.Complete(request.Submission.Tag, result);
    }

    private void Remove(int index)
    {
        ProgramFile? file = list[index].File;
        list.RemoveAt(index);
        if (file is not null && --file.Pending == 0 && file.HasEnded)
            file.Closed();
    }
}

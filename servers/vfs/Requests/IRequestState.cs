namespace Servers.Vfs.Requests;

/// <summary>A <see cref="Request.State"/> that others wait for: it is told when the request ends, whether answered, cancelled or dropped.</summary>
public interface IRequestState
{
    /// <summary>The request ends.</summary>
    void Abandon(Request request);
}

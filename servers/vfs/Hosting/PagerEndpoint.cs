using Libsys.Abi;
using Libsys.Hosting;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Hosting;

/// <summary>
/// Makes objects for mapped files, and answers the kernel when a client touches a page that one lacks. Its endpoint is for that alone: what arrives there comes
/// from the kernel.
/// </summary>
internal sealed class PagerEndpoint : IMappedPagesSource
{
    private const long Retry = 1, Refuse = 2; // MessageKind.PageMissing
    private const ulong WriteAccess = 2; // of the error code, SDM vol. 3 §4.7

    private readonly AccountHandle account;
    private readonly KernelPageArena arena;
    private readonly EndpointHandle endpoint;
    private PageCache? cache;

    /// <summary>A pager for pages of an arena; an account pays for the objects.</summary>
    /// <exception cref="InvalidOperationException">No memory.</exception>
    public PagerEndpoint(AccountHandle account, KernelPageArena arena)
    {
        this.account = account;
        this.arena = arena;
        KernelStatus status = EndpointHandle.TryCreate(out endpoint);
        if (status != KernelStatus.Ok)
            throw new InvalidOperationException("page cache: no endpoint: " + status);
    }

    /// <summary>Begins to answer.</summary>
    public void Serve(EventLoop loop, PageCache pages)
    {
        cache = pages;
        loop.Add(endpoint, Receive, fromKernel: true);
    }

    /// <inheritdoc/>
    public IMappedPages? Create(ulong number) => Create(number, (ulong)CachedFile.Limit);

    /// <inheritdoc/>
    public IMappedPages? CreateWindow(int pages) => Create(0, (ulong)pages * CachedFile.PageSize);

    private KernelMappedPages? Create(ulong number, ulong length) =>
        MemoryObjectHandle.TryCreatePaged(account, length, endpoint, number, out MemoryObjectHandle memory) == KernelStatus.Ok
            ? new KernelMappedPages(memory, arena)
            : null;

    private void Receive(in Message message)
    {
        var reply = new ReplyHandle(message.ReplyHandle);
        Supplied answer = Supplied.Refused;
        MissingPage? missing = null;
        if (message.Kind == (uint)MessageKind.PageMissing)
        {
            bool isWrite = (message.Words[1] & WriteAccess) != 0;
            answer = cache!.Supply(message.Badge, (long)(message.Words[2] / CachedFile.PageSize), isWrite, out missing);
        }

        if (answer == Supplied.Later)
            missing!.Answered = isThere => Answer(reply, isThere);
        else
            Answer(reply, answer == Supplied.Ready);
    }

    private static void Answer(ReplyHandle reply, bool isThere)
    {
        if (reply.IsValid)
            reply.Reply(isThere ? Retry : Refuse);
    }
}

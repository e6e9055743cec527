using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Programs;
using Servers.Mailbox;

// The composition root: what the mailbox is made of, and what a hostile server in its place tries, or one that does not answer.
var context = ServerContext.Read();
var loop = new EventLoop(context);
if (context.Name == "forger")
{
    Attempts.OfForger(context);
    context.SignalReady();
    loop.Run();
    return 0;
}

if (context.Name == "deaf")
{
    // Its device can be opened at vfs; who then connects waits at an endpoint that nobody receives from.
    NotificationHandle.TryCreate(out NotificationHandle ended);
    Message registration = GrantView.Registration(ended);
    new EndpointHandle(context.Handle("vfs").Index).Call(ref registration);
    registration.CloseHandles();
    context.SignalReady();
    loop.Run();
    return 0;
}

if (context.Generation == 1)
    Attempts.OfOwner(context);
ProgramServer server = null!;
var account = new AccountHandle(context.Handle("account").Index);
server = new ProgramServer(loop, context, new MailboxService(new Mailbox
{
    Changed = () => server.Changed(),
    Handles = () => account.TryQuery(out AccountState state) == KernelStatus.Ok ? state.Handles : 0,
}));
context.SignalReady();
loop.Run();
return 0;

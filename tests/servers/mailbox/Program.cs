using Libsys.Hosting;
using Libsys.Hosting.Programs;
using Servers.Mailbox;

// The composition root: what the mailbox is made of, and nothing else.
var context = ServerContext.Read();
var loop = new EventLoop(context);
ProgramServer server = null!;
server = new ProgramServer(loop, context, new MailboxService(new Mailbox { Changed = () => server.Changed() }));
context.SignalReady();
loop.Run();
return 0;

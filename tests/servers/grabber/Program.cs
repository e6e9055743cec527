using Libsys.Hosting;
using Tests.Servers.Grabbing;

// A server of tests that tries to get more than it may, and does the counter harm. What root's wish that it crash means here: the next kind of harm.
var context = ServerContext.Read();
var loop = new EventLoop(context);
new RightsCheck(context).Check();
new PeerCheck(context).Check();
new GrantedCheck(context).Check();
new FunctionCheck(context, loop).Check();
var harm = new Harm(loop, context);
loop.Crashing = harm.Next;
context.SignalReady();
loop.Run();
return 0;

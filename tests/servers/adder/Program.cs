using System.Globalization;
using Libsys.Hosting;
using Tests.Servers.Counting.Client;

// A client of the counter, which is a server of tests. What root's wish that it crash means here: come to an end, and say what was counted.
var context = ServerContext.Read();
var loop = new EventLoop(context);
ulong client = ulong.Parse(context.Name["adder".Length..], CultureInfo.InvariantCulture);
var adder = new Adder(loop, context, new EndpointHandle(context.Handle("counter").Index), client);
loop.Crashing = adder.Stop;
context.SignalReady();
loop.Start(adder.Run);
loop.Run();
return 0;

using Libsys.Hosting;

namespace Servers.Processes.Tree;

/// <summary>A program that is being loaded: the old one goes on (waiting) until the new one says that it is there.</summary>
/// <param name="Space">Where it is being loaded.</param>
/// <param name="Caller">The call of the old program, answered only if loading fails.</param>
internal sealed record PendingExec(ProgramSpace Space, ReplyHandle Caller);

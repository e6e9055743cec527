namespace Libsys.Hosting.Tests.Keeping;

/// <summary>The process ends here: nothing that it would have done next happens.</summary>
internal sealed class DeathException : Exception;

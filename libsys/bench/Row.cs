namespace Libsys.Bench;

/// <summary>What is measured under one name.</summary>
/// <param name="Name">Of the row; the same on both systems.</param>
/// <param name="Prepare">Makes what the operation works on. Fails where the system lacks something, and the row is reported as missing.</param>
internal sealed record Row(string Name, Func<Prepared> Prepare);

/// <summary>An operation that is ready to be repeated.</summary>
/// <param name="Once">The operation, once; a negative result is a failure. It allocates nothing.</param>
/// <param name="End">Takes back what was made for it.</param>
/// <param name="Parts">Of how many equal parts it consists: what is reported is the cost of one.</param>
internal sealed record Prepared(Func<long> Once, Action? End = null, int Parts = 1);

using Libsys.Hosting;

namespace Tests.Servers.Grabbing;

/// <summary>Counts attempts and those that had another end than they should, which the log names.</summary>
internal abstract class CountedCheck(Log log)
{
    private int count, wrong;

    /// <summary>One attempt.</summary>
    protected void Expect(bool holds, string what)
    {
        count++;
        if (holds)
            return;
        wrong++;
        log.Write("WRONG: " + what);
    }

    /// <summary>What the log says of all of them.</summary>
    protected void Conclude(string attempts) => log.Write($"{count} {attempts}, {wrong} with another end than expected");
}

using System.Runtime.CompilerServices;

namespace GcStress;

/// <summary>Catches exceptions that begin as hardware faults (null reference, division by zero) and thrown ones, with values live across them.</summary>
internal static class ExceptionWorkload
{
    private sealed class Cell
    {
        public int Value = 1;
    }

    /// <summary>Rounds done until the token is cancelled.</summary>
    public static long Run(CancellationToken stop)
    {
        long rounds = 0;
        while (!stop.IsCancellationRequested)
        {
            double kept = rounds * 1.5;
            int caught = 0;
            try { Read(null); } catch (NullReferenceException) { caught++; }
            try { Divide((int)rounds, 0); } catch (DivideByZeroException) { caught++; }
            try { Throw(rounds); } catch (InvalidOperationException e) when (e.Message == rounds.ToString()) { caught++; }
            if (caught != 3 || kept != rounds * 1.5)
                throw new InvalidOperationException($"round {rounds}: caught {caught}, kept {kept}");
            rounds++;
        }
        return rounds;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Read(Cell? cell) => cell!.Value;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Divide(int a, int b) => a / b;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Throw(long round) => throw new InvalidOperationException(round.ToString());
}

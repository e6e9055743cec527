using CsCheck;
using Libsys.Hosting.Keeping;

namespace Libsys.Hosting.Tests.Keeping;

/// <summary>Changes of several words are one step, wherever the process ends, also while it ends what its predecessor had begun.</summary>
public sealed class KeptStates
{
    private const int Words = 32;
    private const int Length = (int)KeptState.Start + Words * sizeof(ulong);

    private static readonly Gen<(int Word, ulong Value)[][]> Commits =
        Gen.Select(Gen.Int[0, Words - 1], Gen.ULong).Array[1, 10].Array[1, 6];

    [Fact]
    public void A_death_at_any_store_leaves_the_words_of_before_or_of_after_a_commit() =>
        Commits.Sample(commits =>
        {
            for (int deadline = 1; Dies(commits, deadline); deadline++)
            {
            }
        }, iter: 200);

    [Fact]
    public void A_successor_that_dies_while_it_opens_leaves_the_same()
    {
        MappedMemory memory = MappedMemory.Allocate(Length);
        KeptState state = KeptState.Make(memory);
        for (int word = 0; word < 8; word++)
            state.Set(At(word), 1);
        Until(state, 8 / 2 + 2, state.Commit); // the number of changes is stored, and a few of them carried out
        for (int deadline = 1; deadline <= 8; deadline++)
        {
            int left = deadline;
            Assert.Throws<DeathException>(() => KeptState.Open(memory, () => Count(ref left)));
        }

        state = KeptState.Open(memory);
        for (int word = 0; word < 8; word++)
            Assert.Equal(1ul, state.Read(At(word)));
    }

    [Fact]
    public void What_is_set_counts_only_when_it_is_committed()
    {
        MappedMemory memory = MappedMemory.Allocate(Length);
        KeptState state = KeptState.Make(memory);
        state.Set(At(1), 5);
        Assert.Equal(0ul, state.Read(At(1)));
        Assert.Equal(0ul, KeptState.Open(memory).Read(At(1)));
        state.Forget();
        state.Commit();
        Assert.Equal(0ul, state.Read(At(1)));
        state.Set(At(1), 6);
        state.Set(At(1), 7);
        state.Commit();
        Assert.Equal(7ul, state.Read(At(1)));
    }

    [Fact]
    public void Too_many_changes_and_words_of_the_log_are_refused()
    {
        KeptState state = KeptState.Make(MappedMemory.Allocate(Length));
        for (int change = 0; change < KeptState.MostChanges; change++)
            state.Set(At(change % Words), 1);
        Assert.Throws<InvalidOperationException>(() => state.Set(At(0), 1));
        state.Commit();
        foreach (ulong offset in (ulong[])[0, 8, KeptState.Start - 8, KeptState.Start + 4, Length, ulong.MaxValue])
            Assert.Throws<ArgumentOutOfRangeException>(() => state.Write(offset, 1));
    }

    [Fact]
    public void Memory_that_is_no_state_or_a_damaged_one_is_refused()
    {
        MappedMemory memory = MappedMemory.Allocate(Length);
        Assert.Throws<KeptStateException>(() => KeptState.Open(memory));
        KeptState.Make(memory);
        KeptState.Open(memory);
        memory.WriteUInt64(8, KeptState.MostChanges + 1);
        Assert.Throws<KeptStateException>(() => KeptState.Open(memory));
        memory.WriteUInt64(8, 1);
        memory.WriteUInt64(16, 8); // the log would change itself
        Assert.Throws<KeptStateException>(() => KeptState.Open(memory));
    }

    private static ulong At(int word) => KeptState.Start + (ulong)word * sizeof(ulong);

    // Carries commits out until the death. False: it did not come.
    private static bool Dies((int Word, ulong Value)[][] commits, int deadline)
    {
        MappedMemory memory = MappedMemory.Allocate(Length);
        KeptState state = KeptState.Make(memory);
        ulong[] before = new ulong[Words], after = new ulong[Words];
        int left = deadline;
        state.Step = () => Count(ref left);
        bool died = false;
        try
        {
            foreach ((int Word, ulong Value)[] commit in commits)
            {
                before = [.. after];
                foreach ((int word, ulong value) in commit)
                    after[word] = value;
                foreach ((int word, ulong value) in commit)
                    state.Set(At(word), value);
                state.Commit();
                before = [.. after];
            }
        }
        catch (DeathException)
        {
            died = true;
        }

        KeptState next = KeptState.Open(memory);
        ulong[] found = [.. Enumerable.Range(0, Words).Select(word => next.Read(At(word)))];
        Assert.True(found.SequenceEqual(before) || found.SequenceEqual(after));
        return died;
    }

    private static void Until(KeptState state, int deadline, Action action)
    {
        int left = deadline;
        state.Step = () => Count(ref left);
        Assert.Throws<DeathException>(action);
    }

    private static void Count(ref int left)
    {
        if (--left == 0)
            throw new DeathException();
    }
}

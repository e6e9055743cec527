namespace Libsys.Hosting;

/// <summary>A <see cref="Budget"/> of which one user gets half at most, so that another finds some.</summary>
/// <param name="limit">All that may be kept.</param>
public sealed class UserBudget(long limit)
{
    private readonly Dictionary<uint, long> ofUsers = [];
    private readonly Budget all = new(limit);

    /// <summary>Takes all of it for a user, or says no and takes nothing.</summary>
    public bool TryTake(uint user, long amount)
    {
        long used = ofUsers.GetValueOrDefault(user);
        if (used + amount > limit / 2 || !all.TryTake(amount))
            return false;
        ofUsers[user] = used + amount;
        return true;
    }

    /// <summary>Whether a user has less than his share, and there is room.</summary>
    public bool HasRoom(uint user) => ofUsers.GetValueOrDefault(user) < limit / 2 && all.HasRoom(0);

    /// <summary>Counts what is kept in any case: <see cref="HasRoom"/> was asked before.</summary>
    public void Take(uint user, long amount)
    {
        all.Take(amount);
        ofUsers[user] = ofUsers.GetValueOrDefault(user) + amount;
    }

    /// <summary>It is kept no more.</summary>
    public void Give(uint user, long amount)
    {
        all.Give(amount);
        long left = ofUsers.GetValueOrDefault(user) - amount;
        if (left == 0)
            ofUsers.Remove(user);
        else
            ofUsers[user] = left;
    }
}

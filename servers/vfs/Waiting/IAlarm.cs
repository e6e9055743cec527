namespace Servers.Vfs.Waiting;

/// <summary>A deadline that calls whom it was made for.</summary>
public interface IAlarm
{
    /// <summary>Calls at <paramref name="deadline"/>, nanoseconds since boot; replaces an earlier setting.</summary>
    void Set(long deadline);

    /// <summary>Does not call any more.</summary>
    void Cancel();
}

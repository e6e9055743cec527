namespace Libsys.Hosting.Programs;

/// <summary>What a server of programs is, apart from what all such servers are alike in: it opens its devices.</summary>
public interface IProgramService
{
    /// <summary>
    /// A description that vfs has checked and made. Null: it cannot be opened, and <paramref name="error"/> says why, a negative errno.
    /// <paramref name="isFromPredecessor"/>: it was opened at an earlier process of this server, which has ended; a device that keeps nothing may go on with
    /// it, others say −EIO.
    /// </summary>
    ProgramFile? Open(in ProgramGrant grant, bool isFromPredecessor, out long error);
}

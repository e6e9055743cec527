using Libsys.Hosting.Programs;

namespace Servers.Mailbox;

/// <summary>The device /dev/mailbox. What it kept ends with its process, so descriptions of a predecessor are of no use.</summary>
internal sealed class MailboxService(Mailbox mailbox) : IProgramService
{
    /// <inheritdoc/>
    public ProgramFile? Open(in ProgramGrant grant, bool isFromPredecessor, out long error)
    {
        error = isFromPredecessor ? -Errno.EIO : 0;
        if (isFromPredecessor)
            return null;
        mailbox.Opened++;
        return new MailboxFile(mailbox, grant.Credentials);
    }
}

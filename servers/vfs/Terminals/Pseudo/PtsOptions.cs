using System.Globalization;
using System.Text;

namespace Servers.Vfs.Terminals.Pseudo;

/// <summary>Mount options of devpts, mount(8).</summary>
/// <param name="UserId">Owner of slaves; null: who opens the master.</param>
/// <param name="GroupId">Group of slaves; null: that of who opens the master.</param>
/// <param name="Mode">Permissions of slaves.</param>
/// <param name="MasterMode">Permissions of ptmx in the file system itself.</param>
public sealed record PtsOptions(uint? UserId, uint? GroupId, uint Mode, uint MasterMode)
{
    /// <summary>Without options.</summary>
    public static readonly PtsOptions Default = new(null, null, 0x180, 0);

    /// <summary>As /proc/mounts shows them.</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder();
            if (UserId is { } user)
                text.Append(CultureInfo.InvariantCulture, $",uid={user}");
            if (GroupId is { } group)
                text.Append(CultureInfo.InvariantCulture, $",gid={group}");
            return text.Append(",mode=").Append(Octal(Mode)).Append(",ptmxmode=").Append(Octal(MasterMode)).ToString();
        }
    }

    /// <summary>Reads "gid=5,mode=620,..."; EINVAL on anything unknown.</summary>
    public static Errno Parse(ReadOnlySpan<byte> text, out PtsOptions options)
    {
        options = Default;
        foreach (string option in Encoding.UTF8.GetString(text).Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = option.Split('=', 2);
            string value = pair.Length > 1 ? pair[1] : "";
            switch (pair[0])
            {
                case "uid" when uint.TryParse(value, CultureInfo.InvariantCulture, out uint user):
                    options = options with { UserId = user };
                    break;
                case "gid" when uint.TryParse(value, CultureInfo.InvariantCulture, out uint group):
                    options = options with { GroupId = group };
                    break;
                case "mode" when TryOctal(value, out uint mode):
                    options = options with { Mode = mode };
                    break;
                case "ptmxmode" when TryOctal(value, out uint mode):
                    options = options with { MasterMode = mode };
                    break;
                case "max" when uint.TryParse(value, CultureInfo.InvariantCulture, out _):
                case "newinstance" when pair.Length == 1:
                    break;
                default:
                    return Errno.EINVAL;
            }
        }

        return Errno.None;
    }

    private static string Octal(uint mode) => Convert.ToString((int)mode, 8).PadLeft(3, '0');

    private static bool TryOctal(string text, out uint mode)
    {
        mode = 0;
        foreach (char digit in text)
        {
            if (digit is < '0' or > '7' || mode > 0x1FF)
                return false;
            mode = mode * 8 + (uint)(digit - '0');
        }

        mode &= 0x1FF;
        return text.Length > 0;
    }
}

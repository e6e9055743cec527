using System.Globalization;

namespace Microkernel.Boot.Tests.Supervision;

/// <summary>
/// Shell text that ends a server, the console driver if no other is named, again and again, in turn by a crash, an exit and a restart, each time when the last
/// successor serves.
/// </summary>
internal static class KillLoop
{
    /// <summary>The text; its last command leaves the number of kills in /tmp/killed.</summary>
    public static string Text(int kills, string server = "console") => string.Create(CultureInfo.InvariantCulture, $$"""
        i=0
        s=/sys/servers/{{server}}
        while [ $i -lt {{kills}} ]; do
            read g <$s/generation
            case $((i % 3)) in 0) echo crash >$s/inject;; 1) echo exit >$s/inject;; 2) echo 1 >$s/restart;; esac
            while read h <$s/generation; read t <$s/state; [ $h = $g ] || [ $t != running ]; do :; done
            i=$((i + 1))
        done
        echo $i >/tmp/killed
        """);
}

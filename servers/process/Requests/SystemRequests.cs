using Libsys.Abi;
using Libsys.Messages;
using Servers.Processes.Publishing;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>sysinfo(2), reboot(2).</summary>
internal sealed class SystemRequests(ProcessTree tree, LoadAverage load, MachinePower power)
{
    /// <summary>Declares what is served here.</summary>
    public void Declare(Operations operations)
    {
        operations.Running.Add(ProcessOperation.SystemLoad, ReportLoad);
        operations.Running.Add(ProcessOperation.Reboot, Reboot);
    }

    // The load, and how many processes there are.
    private long? ReportLoad(ref Request request)
    {
        Message answer = default;
        for (int index = 0; index < 3; index++)
            answer.Words[1 + index] = load.Fixed(index);
        answer.Words[0] = load.Fixed(0);
        answer.Words[4] = (ulong)tree.Processes.Count;
        request.Answer(ref answer);
        return null;
    }

    // reboot(2): numbers of LINUX_REBOOT_CMD_*.
    private long? Reboot(ref Request request)
    {
        const uint Restart = 0x0123_4567, Halt = 0xCDEF_0123, PowerOff = 0x4321_FEDC, Restart2 = 0xA1B2_C3D4, EnableKeys = 0x89AB_CDEF, DisableKeys = 0;
        if (!request.Caller.Credentials.IsPrivileged)
            return -Errno.EPERM;
        return (uint)request.Words[1] switch
        {
            PowerOff => power.Request(PowerAction.Off, failed: false),
            Halt => power.Request(PowerAction.Halt, failed: false),
            Restart or Restart2 => power.Request(PowerAction.Restart, failed: false),
            EnableKeys or DisableKeys => 0, // there is no Ctrl-Alt-Del
            _ => -Errno.EINVAL,
        };
    }
}

using Libsys.Messages;
using Servers.Processes.Spaces;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>prctl(2).</summary>
internal sealed class ControlRequests(ProcessEffects effects)
{
    /// <summary>Declares what is served here.</summary>
    public void Declare(Operations operations)
    {
        operations.Running.Add(ProcessOperation.SetName, SetName);
        operations.Running.Add(ProcessOperation.ProcessControl, Control);
    }

    // PR_SET_NAME.
    private long? SetName(ref Request request)
    {
        var name = new byte[16];
        for (int index = 0; index < name.Length; index++)
            name[index] = (byte)(request.Words[1 + index / 8] >> (index % 8 * 8));
        int length = Array.IndexOf(name, (byte)0);
        request.Caller.Name = name[..(length < 0 ? 15 : length)];
        effects.Changed(request.Caller);
        return 0;
    }

    // The other options.
    private static long? Control(ref Request request)
    {
        const int SetParentDeathSignal = 1, GetParentDeathSignal = 2, GetDumpable = 3, SetDumpable = 4, SetSubreaper = 36, GetSubreaper = 37,
            SetNoNewPrivileges = 38, GetNoNewPrivileges = 39;
        Process process = request.Caller;
        ulong value = request.Words[2];
        switch ((int)request.Words[1])
        {
            case SetParentDeathSignal when value <= Signals.Last:
                process.ParentDeathSignal = (int)value;
                return 0;
            case GetParentDeathSignal:
                return process.ParentDeathSignal;
            case GetDumpable:
                return process.Dumpable;
            case SetDumpable when value <= 1:
                process.Dumpable = (int)value;
                return 0;
            case SetSubreaper:
                process.IsSubreaper = value != 0;
                return 0;
            case GetSubreaper:
                return process.IsSubreaper ? 1 : 0;
            case SetNoNewPrivileges when value == 1:
                process.NoNewPrivileges = true;
                return 0;
            case GetNoNewPrivileges:
                return process.NoNewPrivileges ? 1 : 0;
            default:
                return -Errno.EINVAL;
        }
    }
}

using Libsys.Hosting.Devices;

namespace Servers.Drivers.Nvme.Controller;

/// <summary>What a controller did that the specification forbids, or could not do: its driver cannot go on with it.</summary>
internal sealed class NvmeException(string message) : DeviceException("nvme: " + message);

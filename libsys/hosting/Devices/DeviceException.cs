namespace Libsys.Hosting.Devices;

/// <summary>What a device did that it must not, or could not do: its driver cannot go on with it as it is.</summary>
public abstract class DeviceException(string message) : Exception(message);

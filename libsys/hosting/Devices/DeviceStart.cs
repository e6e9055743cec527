using System.Globalization;

namespace Libsys.Hosting.Devices;

/// <summary>
/// Begins with a device in whatever state it is. One that does not come to the reset that its driver knows, or does not work after it, is reset by the pci
/// server once; if that does not help either, it is left alone: cut off from memory, while the driver goes on with its other devices.
/// </summary>
public static class DeviceStart
{
    /// <summary>Begins; null: the device is dead, which the log tells.</summary>
    /// <param name="function">Its function.</param>
    /// <param name="log">Of the driver.</param>
    /// <param name="begin">Resets the device and sets it up. It may be called again.</param>
    /// <exception cref="InvalidOperationException">There is no memory, or the function is somebody else's: the driver cannot go on.</exception>
    public static T? Try<T>(PciDevice function, Log log, Func<T> begin)
        where T : class
    {
        for (bool isLast = false;; isLast = true)
        {
            try
            {
                return begin();
            }
            catch (DeviceException error)
            {
                // The second time for its cutting off alone: what has begun and failed may reach memory.
                long result = function.Reset();
                log.Write(string.Create(CultureInfo.InvariantCulture, $"{function.Address:x4}: {error.Message}; reset of the function: {result}"));
                if (!isLast)
                    continue;
                log.Write(string.Create(CultureInfo.InvariantCulture, $"{function.Address:x4} is dead, and left alone"));
                return null;
            }
        }
    }
}

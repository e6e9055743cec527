using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>Handles that have come with a message: they are in the receiver's table from then on.</summary>
public static class ReceivedHandles
{
    /// <summary>Closes those of a message that nobody wants: no client may fill a server's table with them.</summary>
    public static void CloseHandles(this in Message message)
    {
        for (int index = 0; index < (int)message.HandleCount; index++)
            new KernelHandle(message.Handles[index]).Close();
    }
}

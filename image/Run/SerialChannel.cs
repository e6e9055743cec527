using System.Net.Sockets;

namespace Microkernel.Image.Run;

/// <summary>
/// One serial port of the machine as a unix socket: QEMU connects to it, and what the machine writes is passed on as it arrives. A socket and not
/// a file, so that the end is known: everything that QEMU wrote can be read until it has gone.
/// </summary>
internal sealed class SerialChannel : IDisposable
{
    private const int BufferSize = 64 << 10;

    private readonly Socket listener;
    private readonly TaskCompletionSource<Socket> connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Listens at <paramref name="path"/>; QEMU must be started afterwards.</summary>
    public SerialChannel(string path)
    {
        Path = path;
        listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
    }

    /// <summary>Where QEMU connects to.</summary>
    public string Path { get; }

    /// <summary>Passes on all bytes until QEMU has gone, or until <paramref name="machineEnded"/> when it never connected.</summary>
    public async Task DrainAsync(Func<ReadOnlyMemory<byte>, Task> received, CancellationToken machineEnded)
    {
        Socket connection;
        try
        {
            connection = await listener.AcceptAsync(machineEnded);
        }
        catch (OperationCanceledException)
        {
            // A machine that has ended soon, on a busy host: it may have connected and written before anybody looked.
            if (!listener.Poll(TimeSpan.Zero, SelectMode.SelectRead))
                return;
            connection = listener.Accept();
        }

        connected.SetResult(connection);
        using (connection)
        {
            byte[] buffer = new byte[BufferSize];
            for (int count; (count = await ReceiveAsync(connection, buffer)) > 0;)
                await received(buffer.AsMemory(0, count));
        }
    }

    /// <summary>Sends bytes to the machine, as fast as it takes them, when QEMU has connected. A machine that ends meanwhile cancels it.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        Socket connection = await connected.Task.WaitAsync(cancellation);
        try
        {
            while (!bytes.IsEmpty)
                bytes = bytes[await connection.SendAsync(bytes, cancellation)..];
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            throw new OperationCanceledException("QEMU has gone", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    // A killed QEMU may reset the connection instead of closing it; both are its end.
    private static async Task<int> ReceiveAsync(Socket connection, byte[] buffer)
    {
        try
        {
            return await connection.ReceiveAsync(buffer);
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}

using System.Net.Sockets;
using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Image.Tests;

public sealed class SerialChannelTests
{
    [Fact]
    public async Task What_a_machine_wrote_is_passed_on_although_it_has_ended_before_anybody_looked()
    {
        string directory = Directory.CreateTempSubdirectory("serial-").FullName;
        try
        {
            using var channel = new SerialChannel(Path.Combine(directory, "port"));
            using (var machine = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            {
                await machine.ConnectAsync(new UnixDomainSocketEndPoint(channel.Path));
                await machine.SendAsync("exit 0\n"u8.ToArray());
            }

            var received = new StringBuilder();
            await channel.DrainAsync(bytes => Keep(received, bytes.Span), new CancellationToken(canceled: true));
            Assert.Equal("exit 0\n", received.ToString());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task A_machine_that_never_connected_wrote_nothing()
    {
        string directory = Directory.CreateTempSubdirectory("serial-").FullName;
        try
        {
            using var channel = new SerialChannel(Path.Combine(directory, "port"));
            await channel.DrainAsync(_ => throw new InvalidOperationException("nothing was written"), new CancellationToken(canceled: true));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static Task Keep(StringBuilder received, ReadOnlySpan<byte> bytes)
    {
        received.Append(Encoding.ASCII.GetString(bytes));
        return Task.CompletedTask;
    }
}

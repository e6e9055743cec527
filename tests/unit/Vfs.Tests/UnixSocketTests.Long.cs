using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

// Messages that are longer than a request: who may name them, what they may claim, and what becomes of them.
public sealed partial class UnixSocketTests
{
    private const int Piece = 8192, Whole = 3 * Piece;

    [Fact]
    public void A_long_message_is_one_once_it_is_sent()
    {
        TestClient client = system.NewClient(1);
        (long first, long second) = Pair(client, Datagram, OpenFlags.NonBlock);
        long number = Give(client, first, 0, Piece, Whole);
        Assert.Equal(number, Give(client, first, number, Piece, Whole));
        Assert.Equal(-(long)Errno.EAGAIN, Receive(client, second, Whole, out _));
        Assert.Equal(Whole, SendLong(client, first, number, Piece));
        Assert.Equal(-(long)Errno.EINVAL, SendLong(client, first, number, Piece));
        Assert.Equal(Whole, ReceiveLong(client, second, Piece, Whole, out uint rest));
        Assert.NotEqual(0u, rest);
        Assert.Equal(Piece, Take(client, rest, Piece));
        Assert.Equal(Piece, Take(client, rest, 2 * Piece));
        Assert.Equal(-(long)Errno.EINVAL, Take(client, rest, Piece));
        Assert.Equal(-(long)Errno.EAGAIN, Receive(client, second, Whole, out _));
        Assert.Empty(client.Connection.Grants);
    }

    [Fact]
    public void A_long_message_is_its_process_alone_and_no_longer_than_it_said()
    {
        TestClient client = system.NewClient(1), other = system.NewClient(2);
        (long first, long second) = Pair(client, Datagram, OpenFlags.NonBlock);
        (long theirs, _) = Pair(other, Datagram, OpenFlags.NonBlock);
        long number = Give(client, first, 0, Piece, Whole);
        Assert.Equal(-(long)Errno.EINVAL, Give(other, theirs, number, Piece, Whole));
        Assert.Equal(-(long)Errno.EINVAL, SendLong(other, theirs, number, 2 * Piece));
        Assert.Equal(-(long)Errno.EINVAL, Take(other, (uint)number, Piece));
        Assert.Equal(-(long)Errno.EINVAL, SendLong(client, first, number, Piece)); // not all of it, and gone
        Assert.Equal(-(long)Errno.EINVAL, SendLong(client, first, number, Whole));
        Assert.Equal(-(long)Errno.EINVAL, SendLong(client, first, 0xFFFF, 1));
        Assert.Equal(-(long)Errno.EINVAL, SendLong(client, first, 0xFFFF_FFFF, 1));
        Assert.Equal(-(long)Errno.EMSGSIZE, Give(client, first, 0, Piece, 212961));
        Assert.Equal(-(long)Errno.EINVAL, Give(client, first, 0, Piece, Piece - 1));
        Assert.Equal(-(long)Errno.EAGAIN, Receive(client, second, Whole, out _));
        Assert.Equal(-(long)Errno.EINVAL, Give(client, Pair(client, Stream).First, 0, Piece, Whole));
    }

    [Fact]
    public void Long_messages_have_a_bound_and_go_with_their_process()
    {
        TestClient client = system.NewClient(1);
        system.Registry.SetCredentials(1, new Credentials(1000, 1000, 1000, 1000, []));
        (long first, long second) = Pair(client, Datagram, OpenFlags.NonBlock);
        long result = 0;
        int count = 0;
        while (count < 100 && (result = Give(client, first, 0, Piece, 200_000)) > 0)
            count++;
        Assert.Equal(-(long)Errno.ENOBUFS, result);
        Assert.InRange(count, 15, 30);
        Assert.Equal(-(long)Errno.ENOBUFS, client.Write(first, new byte[Piece]));
        Assert.Equal(-(long)Errno.ENOBUFS, ReceiveLong(client, second, Piece, Whole, out _));
        client.Connection.WithdrawGrants(null);
        Assert.Equal(Piece, client.Write(first, new byte[Piece]));
    }

    private static long Give(TestClient client, long socket, long number, int length, long whole) =>
        client.Call(VfsOperation.GiveMessage, new byte[length], a0: (ulong)socket, a1: (ulong)number, a2: (ulong)whole);

    private static long SendLong(TestClient client, long socket, long number, int length) =>
        client.Call(VfsOperation.Send, new byte[length], a0: (ulong)socket, a1: (ulong)number << 32);

    private static long ReceiveLong(TestClient client, long socket, int here, int room, out uint rest)
    {
        long received = client.Call(VfsOperation.Receive, length: here, a0: (ulong)socket, a4: (ulong)room);
        rest = received < 0 ? 0 : SocketAnswer.RestOf(client.Last.V0);
        return received;
    }

    private static long Take(TestClient client, uint number, int length) => client.Call(VfsOperation.TakeMessage, length: length, a0: number);
}

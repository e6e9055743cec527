using System.Text;

namespace Microkernel.Image.Bench;

/// <summary>Takes the output of a session and hands it over by lines, as they are complete.</summary>
internal sealed class LineStream(Action<string> received) : Stream
{
    private readonly List<byte> pending = [];

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count)
    {
        foreach (byte value in buffer.AsSpan(offset, count))
        {
            if (value != '\n')
            {
                pending.Add(value);
                continue;
            }

            received(Encoding.UTF8.GetString([.. pending]));
            pending.Clear();
        }
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}

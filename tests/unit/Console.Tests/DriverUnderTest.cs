using Libsys.Hosting;
using Libsys.Messages;
using Libsys.Rings;
using Servers.Drivers.Console.Serial;
using Servers.Vfs.Terminals.Serial;

namespace Servers.Drivers.Console.Tests;

/// <summary>
/// Generations of the driver on one UART, with the queue of vfs in front of them: requests pass through a pool that dies with its driver, answers arrive later.
/// </summary>
internal sealed class DriverUnderTest(FakeUart uart, ReplayQueue<SerialRequest> queue)
{
    private Generation? current;

    /// <summary>Generations so far.</summary>
    public int Generations { get; private set; }

    /// <summary>Serves until nothing happens any more without the line; starts a new generation whenever the driver was killed.</summary>
    public void Run()
    {
        for (bool works = true; works;)
        {
            works = false;
            try
            {
                if (current == null)
                {
                    Generations++;
                    var next = new Generation(uart, queue);
                    next.Start();
                    current = next;
                    queue.Connect(next);
                    works = true;
                }

                works |= current.Turn();
            }
            catch (KilledException)
            {
                current = null;
                queue.Disconnect();
                works = true;
            }

            if (current != null)
                works |= current.Deliver();
        }
    }

    private sealed class Generation : IReplayConnection<SerialRequest>, ISerialClient
    {
        private readonly byte[] pool = new byte[SerialLimits.PoolLength];
        private readonly Queue<(SerialRequest Request, Submission Submission)> submitted = new();
        private readonly Dictionary<ulong, SerialRequest> requests = [];
        private readonly Queue<Completion> completions = new();
        private readonly FakeUart uart;
        private readonly ReplayQueue<SerialRequest> queue;
        private readonly ConsoleServer server;
        private bool hasWork;
        private ulong nextTag;

        public Generation(FakeUart uart, ReplayQueue<SerialRequest> queue)
        {
            this.uart = uart;
            this.queue = queue;
            var line = new SerialLine(new Uart16550(uart)) { WorkLeft = () => hasWork = true };
            server = new ConsoleServer([line]);
        }

        public void Start()
        {
            server.Start();
            server.Attach(this);
        }

        public void Send(SerialRequest request)
        {
            int offset = Math.Max(request.Piece, 0) * SerialLimits.PieceLength;
            request.Fill?.Invoke(request, pool.AsSpan(offset, SerialLimits.PieceLength));
            ulong tag = nextTag++;
            requests.Add(tag, request);
            submitted.Enqueue((request, new Submission
            {
                Tag = tag, Operation = (ushort)request.Operation, A0 = (ulong)request.Line, A1 = request.Position, PoolOffset = (uint)offset,
                PoolLength = request.Piece < 0 ? 0 : (uint)request.Length,
            }));
        }

        /// <summary>One turn of the driver: requests, then the line.</summary>
        public bool Turn()
        {
            bool works = submitted.Count > 0;
            while (submitted.TryDequeue(out var next))
                server.Submit(this, next.Submission);
            hasWork = false;
            server.Serve();
            return works || (hasWork && uart.Flush());
        }

        /// <summary>One turn of vfs.</summary>
        public bool Deliver()
        {
            bool works = completions.Count > 0;
            while (completions.TryDequeue(out Completion completion))
            {
                SerialRequest request = requests[completion.Tag];
                int offset = Math.Max(request.Piece, 0) * SerialLimits.PieceLength;
                if (queue.TryTakeAnswer(this, request))
                    request.Answered(request, completion.Result, completion.V0, completion.V1, pool.AsSpan(offset, SerialLimits.PieceLength));
            }

            return works;
        }

        public Span<byte> Buffer(in Submission request) => pool.AsSpan((int)request.PoolOffset, (int)request.PoolLength);

        // A completion is a step too: a driver may die before it is seen, or right behind it.
        public void Complete(in Completion completion)
        {
            uart.Step();
            completions.Enqueue(completion);
            uart.Step();
        }
    }
}

namespace GcStress;

/// <summary>Builds binary trees that die young and one that lives, and counts their nodes: a moved or lost object changes the count.</summary>
internal static class TreeWorkload
{
    private const int Depth = 10;

    private sealed record Node(Node? Left, Node? Right, int Value);

    /// <summary>Rounds done until the token is cancelled.</summary>
    public static long Run(CancellationToken stop)
    {
        Node old = Build(Depth, 1);
        long rounds = 0;
        while (!stop.IsCancellationRequested)
        {
            Check(Build(Depth, (int)rounds), (int)rounds);
            Check(old, 1);
            rounds++;
        }
        return rounds;
    }

    private static Node Build(int depth, int value) =>
        depth == 0 ? new Node(null, null, value) : new Node(Build(depth - 1, value), Build(depth - 1, value), value);

    private static void Check(Node root, int value)
    {
        int count = Count(root, value);
        if (count != (1 << (Depth + 1)) - 1)
            throw new InvalidOperationException($"a tree has {count} nodes");
    }

    private static int Count(Node? node, int value)
    {
        if (node is null)
            return 0;
        if (node.Value != value)
            throw new InvalidOperationException($"a node holds {node.Value}, not {value}");
        return 1 + Count(node.Left, value) + Count(node.Right, value);
    }
}

using CsCheck;
using Servers.Processes.Tree;

namespace Servers.Processes.Tests;

/// <summary>Any order of births, ends, stops, waits and interruptions.</summary>
public sealed class WaitProperties
{
    private enum Step { Fork, End, Stop, Continue, Wait, WaitNoHang, Interrupt, IgnoreChildren, NewSession, Subreaper }

    [Fact]
    public void Every_end_is_reported_once_to_a_parent_or_vanishes_and_the_tree_stays_a_tree()
    {
        Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 1_000_000]).Array[0, 200].Sample(steps =>
        {
            var effects = new RecordedEffects();
            var tree = new ProcessTree(effects, 40);
            tree.CreateFirst(0);
            var callers = new List<RecordedCaller>();
            var reported = new HashSet<long>();
            foreach ((Step step, int choice) in steps)
            {
                Process[] alive = [.. tree.Processes.Values.Where(process => process.IsAlive).OrderBy(process => process.Pid)];
                Process process = alive[choice % alive.Length];
                bool isFirst = process.Pid == ProcessTree.FirstPid;
                switch (step)
                {
                    case Step.Fork:
                        tree.CreateChild(process, (choice & 1) != 0, Signals.SIGCHLD, 0);
                        break;
                    case Step.End when !isFirst:
                        tree.End(process, 0);
                        break;
                    case Step.Stop when !isFirst:
                        tree.Kill(tree.Find(1)!, process.Pid, Signals.SIGSTOP, 0, 0);
                        break;
                    case Step.Continue:
                        tree.Kill(tree.Find(1)!, process.Pid, Signals.SIGCONT, 0, 0);
                        break;
                    case Step.Wait or Step.WaitNoHang:
                        var caller = new RecordedCaller();
                        callers.Add(caller);
                        WaitOptions options = WaitOptions.WEXITED | (step == Step.WaitNoHang ? WaitOptions.WNOHANG : WaitOptions.WUNTRACED);
                        tree.Wait(process, new WaitRequest(-1, process.Group, options, (uint)choice % 3, caller));
                        break;
                    case Step.Interrupt when callers.Count > 0:
                        callers[choice % callers.Count].IsGone = true;
                        break;
                    case Step.IgnoreChildren:
                        process.ReapsChildrenAtOnce = (choice & 1) != 0;
                        break;
                    case Step.NewSession:
                        tree.SetSession(process);
                        break;
                    case Step.Subreaper:
                        process.IsSubreaper = (choice & 1) != 0;
                        break;
                }

                foreach (RecordedCaller caller in callers)
                {
                    if (caller.Result is { Pid: > 0 } result && (result.Status & 0x7F) != 0x7F)
                        Assert.True(reported.Add(result.Pid) && tree.Find((int)result.Pid) is null);
                }

                callers.RemoveAll(caller => caller.Result is not null);
                CheckTree(tree);
            }
        });
    }

    private static void CheckTree(ProcessTree tree)
    {
        foreach (Process process in tree.Processes.Values)
        {
            Assert.NotEqual(ProcessState.Reaped, process.State);
            foreach (Process child in process.Children)
            {
                Assert.Same(process, child.Parent);
                Assert.Same(child, tree.Find(child.Pid));
            }

            if (process.Pid == ProcessTree.FirstPid)
                continue;
            Assert.True(process.Parent!.IsAlive);
            Assert.Contains(process, process.Parent.Children);
            // Nobody who waits is left without an answer that is there.
            if (process.State == ProcessState.Zombie)
                Assert.DoesNotContain(process.Parent.Waits, wait => wait.Caller is RecordedCaller { IsGone: false } && wait.Selects(process));
        }
    }
}

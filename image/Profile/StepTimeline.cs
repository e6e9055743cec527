namespace Microkernel.Image.Profile;

/// <summary>A stretch of one program up to the end of its next entry of the kernel.</summary>
/// <param name="Program">Whose address space.</param>
/// <param name="Arrived">It begins with the rest of another space's entry: the processor was handed over.</param>
/// <param name="Entry">The kernel call, or what else led into the kernel; empty where it ends with a reflection.</param>
/// <param name="Personality">Instructions of the personality and of the vDSO.</param>
/// <param name="Own">Instructions of the program itself.</param>
/// <param name="Kernel">Instructions of the kernel.</param>
/// <param name="Function">Where most of its own and the personality's instructions are.</param>
internal readonly record struct Step(string Program, bool Arrived, string Entry, long Own, long Personality, long Kernel, string Function);

/// <summary>Cuts what ran at the entries of the kernel, in order: which calls and faults an operation is made of, and what each costs.</summary>
internal sealed class StepTimeline
{
    private const string PageFault = "PageFault.Resolve", Tick = "Timer.Tick";
    private const int FunctionsNamed = 4;

    private readonly List<Step> steps = [];
    private readonly Dictionary<string, long> functions = [];
    private string program = "", entry = "";
    private bool arrived, inKernel;
    private long own, personality, kernel;

    /// <summary>The steps so far.</summary>
    public IReadOnlyList<Step> Steps => steps;

    /// <summary>What follows is of another space.</summary>
    public void Switch(string to)
    {
        End();
        (program, arrived, inKernel) = (to, true, true);
    }

    /// <summary>One instruction of the kernel.</summary>
    public void Kernel(string function)
    {
        inKernel = true;
        kernel++;
        string name = NameOf(function);
        if (name.Length != 0 && (entry.Length == 0 || entry.StartsWith("fast", StringComparison.Ordinal)))
            entry = name;
    }

    /// <summary>One instruction in ring 3.</summary>
    public void User(string function, bool isPersonality)
    {
        if (inKernel && entry.Length != 0)
            End();
        inKernel = false;
        _ = isPersonality ? personality++ : own++;
        functions[function] = functions.GetValueOrDefault(function) + 1;
    }

    private static string NameOf(string function)
    {
        int calls = function.LastIndexOf("Calls.", StringComparison.Ordinal), fast = function.LastIndexOf("FastPath.", StringComparison.Ordinal);
        if (calls >= 0 && Enum.IsDefined(typeof(Libsys.Abi.KernelCall), function[(calls + "Calls.".Length)..]))
            return function[(calls + "Calls.".Length)..];
        if (fast >= 0)
            return "fast " + function[(fast + "FastPath.".Length)..];
        return function.EndsWith(PageFault, StringComparison.Ordinal) ? "page fault" : function.EndsWith(Tick, StringComparison.Ordinal) ? "tick" : "";
    }

    private void End()
    {
        if (own + personality + kernel != 0)
        {
            var most = functions.OrderByDescending(function => function.Value).Take(FunctionsNamed).Select(function => $"{function.Key} {function.Value}");
            steps.Add(new Step(program, arrived, entry, own, personality, kernel, string.Join(", ", most)));
        }

        functions.Clear();
        (entry, arrived, own, personality, kernel) = ("", false, 0, 0, 0);
    }
}

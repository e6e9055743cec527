using Libsys.Abi;

namespace Microkernel.Image.Profile;

/// <summary>
/// Counts instructions by program and function. Programs lie at the same addresses, and the trace does not say whose space it is: between two loads of page
/// tables it is one, and the program is the one in which an instruction begins at each address that ran. A wrong one fails that within a few dozen.
/// </summary>
/// <param name="kernel">The kernel, whose addresses are its own.</param>
/// <param name="personality">The personality, which lies at the same place in all spaces.</param>
/// <param name="programs">Those that may run; the first one is the measuring one, whose marks begin and end the count.</param>
internal sealed class InstructionProfile(ProgramCode kernel, ProgramCode personality, IReadOnlyList<ProgramCode> programs)
{
    private const string SwitchFunction = "cr3_write", BeginFunction = "Measurement__Begin", EndFunction = "Measurement__End";
    private const ulong KernelBase = 0xFFFF_8000_0000_0000, PageLength = 4096;

    // A compiler's data between functions may hide an instruction.
    private const double LeastShare = 0.97;

    private readonly ulong switchAddress = kernel.AddressOf(SwitchFunction);
    private readonly List<ulong> slice = [];
    private readonly Dictionary<(string Program, string Function), long> counts = [];
    private readonly Dictionary<(string Program, string Function), long> lookUps = [];
    private readonly Dictionary<ProgramCode, List<ulong>> ran = [];
    private readonly HashSet<(ProgramCode Code, string Symbol)> known = [];
    private (string Program, string Function) last;
    private ulong lastAddress;
    private bool counting, isLastIndirect;

    /// <summary>The same in order, cut at the entries of the kernel.</summary>
    public StepTimeline Timeline { get; } = new();

    /// <summary>Instructions by program and function. The personality is named with the program that it works for.</summary>
    public IReadOnlyDictionary<(string Program, string Function), long> Counts => counts;

    /// <summary>
    /// How often an emulator must look up the code that it goes on with, by where it leaves: behind each indirect jump, call and return, and into another page.
    /// </summary>
    public IReadOnlyDictionary<(string Program, string Function), long> LookUps => lookUps;

    /// <summary>An address in each function that ran while it was counted, in the order in which they first did.</summary>
    public IReadOnlyDictionary<ProgramCode, List<ulong>> Ran => ran;

    /// <summary>Whether the count has begun and ended.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Takes one instruction.</summary>
    public void Execute(ulong address)
    {
        if (address == switchAddress)
            EndSlice();
        slice.Add(address);
    }

    /// <summary>What ran since the last load of page tables is of one space.</summary>
    public void EndSlice()
    {
        ProgramCode? program = Find();
        string name = program?.Name ?? "another program";
        if (counting)
            Timeline.Switch(name);
        foreach (ulong address in slice)
        {
            CountLookUp(address);
            if (address >= KernelBase)
                Count(kernel, kernel.Name, address);
            else if (address >= Window.Base)
                Count(personality, $"{personality.Name} in {name}", address);
            else if (address >= Window.Vdso)
                Count("vDSO", "clock_gettime", isPersonality: true);
            else
                CountProgram(program, name, address);
        }

        slice.Clear();
    }

    private void CountLookUp(ulong address)
    {
        if (counting && (isLastIndirect || address / PageLength != lastAddress / PageLength))
            lookUps[last] = lookUps.GetValueOrDefault(last) + 1;
        (lastAddress, isLastIndirect) = (address, false);
    }

    private void CountProgram(ProgramCode? program, string name, ulong address)
    {
        string function = program?.FunctionAt(address) ?? "?";
        if (program == programs[0] && function.EndsWith(BeginFunction, StringComparison.Ordinal))
            counting = true;
        if (program == programs[0] && function.EndsWith(EndFunction, StringComparison.Ordinal) && counting)
            (counting, IsComplete) = (false, true);
        if (program is null)
            Count(name, function);
        else
            Count(program, name, address);
    }

    private void Count(ProgramCode code, string name, ulong address)
    {
        Count(name, code.FunctionAt(address), isKernel: code == kernel, isPersonality: code == personality);
        isLastIndirect = code.IsIndirect(address);
        if (!counting || code.SymbolsAt(address) is not [string symbol, ..] || !known.Add((code, symbol)))
            return;
        if (!ran.TryGetValue(code, out List<ulong>? functions))
            ran[code] = functions = [];
        functions.Add(address);
    }

    private void Count(string program, string function, bool isKernel = false, bool isPersonality = false)
    {
        if (!counting)
            return;
        last = (program, function);
        counts[last] = counts.GetValueOrDefault(last) + 1;
        if (isKernel)
            Timeline.Kernel(function);
        else
            Timeline.User(function, isPersonality);
    }

    private ProgramCode? Find()
    {
        ulong[] own = [.. slice.Where(address => address < Window.Vdso).Distinct()];
        return own.Length == 0 ? null : programs.Select(program => (Program: program, Share: (double)own.Count(program.HasInstruction) / own.Length))
            .Where(candidate => candidate.Share >= LeastShare).OrderByDescending(candidate => candidate.Share).FirstOrDefault().Program;
    }
}

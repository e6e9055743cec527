using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace Servers.Vfs.Proc;

/// <summary>/proc/cpuinfo from CPUID, SDM vol. 2 table 3-8. Feature names are Linux'.</summary>
internal static class CpuText
{
    private static readonly string[] FirstEdx =
    [
        "fpu", "vme", "de", "pse", "tsc", "msr", "pae", "mce", "cx8", "apic", "", "sep", "mtrr", "pge", "mca", "cmov", "pat", "pse36", "pn", "clflush", "",
        "dts", "acpi",
        "mmx", "fxsr", "sse", "sse2", "ss", "ht", "tm", "ia64", "pbe",
    ];

    private static readonly string[] FirstEcx =
    [
        "pni", "pclmulqdq", "dtes64", "monitor", "ds_cpl", "vmx", "smx", "est", "tm2", "ssse3", "cid", "sdbg", "fma", "cx16", "xtpr", "pdcm", "", "pcid",
        "dca", "sse4_1",
        "sse4_2", "x2apic", "movbe", "popcnt", "tsc_deadline_timer", "aes", "xsave", "", "avx", "f16c", "rdrand", "hypervisor",
    ];

    private static readonly string[] SeventhEbx =
    [
        "fsgsbase", "tsc_adjust", "", "bmi1", "", "avx2", "", "smep", "bmi2", "erms", "invpcid", "", "", "", "mpx", "", "", "", "rdseed", "adx", "smap", "",
        "", "clflushopt",
        "clwb", "", "", "", "", "sha_ni", "", "",
    ];

    /// <summary>One paragraph for each CPU.</summary>
    public static string Describe(uint cpus)
    {
        const int featureLeaf = 7;
        (int highest, int ebx, int ecx, int edx) = X86Base.CpuId(0, 0);
        string vendor = Letters(ebx, edx, ecx);
        (int signature, _, int second, int first) = X86Base.CpuId(1, 0);
        int family = signature >> 8 & 15;
        int model = signature >> 4 & 15;
        if (family is 6 or 15)
            model |= signature >> 12 & 0xF0;
        if (family == 15)
            family += signature >> 20 & 0xFF;
        var flags = new List<string>();
        Add(flags, first, FirstEdx);
        Add(flags, second, FirstEcx);
        if (highest >= featureLeaf)
            Add(flags, X86Base.CpuId(featureLeaf, 0).Ebx, SeventhEbx);
        var text = new StringBuilder();
        for (uint cpu = 0; cpu < cpus; cpu++)
        {
            text.Append(CultureInfo.InvariantCulture, $"processor\t: {cpu}\nvendor_id\t: {vendor}\ncpu family\t: {family}\nmodel\t\t: {model}\n")
                .Append(CultureInfo.InvariantCulture, $"model name\t: {Brand()}\nstepping\t: {signature & 15}\n")
                .Append(CultureInfo.InvariantCulture, $"physical id\t: {cpu}\nsiblings\t: 1\ncore id\t\t: 0\ncpu cores\t: 1\napicid\t\t: {cpu}\n")
                .Append(CultureInfo.InvariantCulture, $"fpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: {highest}\nwp\t\t: yes\nflags\t\t: ")
                .AppendJoin(' ', flags).Append("\nclflush size\t: 64\ncache_alignment\t: 64\n\n");
        }

        return text.ToString();
    }

    private static string Brand()
    {
        const int first = unchecked((int)0x80000002), last = unchecked((int)0x80000004);
        var text = new StringBuilder();
        for (int leaf = first; leaf <= last; leaf++)
        {
            (int eax, int ebx, int ecx, int edx) = X86Base.CpuId(leaf, 0);
            text.Append(Letters(eax, ebx, ecx, edx));
        }

        return text.ToString().Trim('\0', ' ');
    }

    private static string Letters(params ReadOnlySpan<int> registers)
    {
        Span<byte> bytes = stackalloc byte[registers.Length * sizeof(int)];
        for (int index = 0; index < registers.Length; index++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(index * sizeof(int))..], registers[index]);
        return Encoding.ASCII.GetString(bytes);
    }

    private static void Add(List<string> flags, int bits, string[] names)
    {
        for (int bit = 0; bit < names.Length; bit++)
        {
            if ((bits >> bit & 1) != 0 && names[bit].Length > 0)
                flags.Add(names[bit]);
        }
    }
}

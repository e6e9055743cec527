using System.Buffers.Binary;
using System.Reflection;
using System.Text;
using Iced.Intel;
using Libsys.Abi;
using Microkernel.Image;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests;

/// <summary>libsys/personality-tests as an ordinary program: on Linux, which shows that its checks are right, and on the microkernel.</summary>
public sealed class PersonalityTests
{
    [Theory]
    [InlineData(TargetSystem.Linux, 2)]
    [InlineData(TargetSystem.Microkernel, 1)]
    [InlineData(TargetSystem.Microkernel, 2)]
    [InlineData(TargetSystem.Microkernel, 4)]
    public Task Registers_signals_threads_and_bad_pointers_behave_as_on_Linux(TargetSystem system, int cpus) => Run("", "ok storm\n", system, cpus);

    /// <summary>On a processor that does not say that it is emulated long copies go by vector registers.</summary>
    [Fact]
    public Task Registers_and_bad_pointers_are_as_on_Linux_where_copies_go_by_vectors() =>
        Run("", "ok storm\n", TargetSystem.Microkernel, 1, processor: QemuCommandLine.Processor + KernelTests.NotEmulated);

    /// <summary>Enough rounds that each of a few dozen critical sections is hit many times; a lock that is lost hangs the first round that wants it.</summary>
    [Theory]
    [InlineData(TargetSystem.Linux, 2)]
    [InlineData(TargetSystem.Microkernel, 1)]
    [InlineData(TargetSystem.Microkernel, 2)]
    [InlineData(TargetSystem.Microkernel, 4)]
    public Task Killing_a_process_that_shares_memory_leaves_the_others_whole(TargetSystem system, int cpus) => Run(" kill 1500", "ok kill\n", system, cpus);

    /// <summary>
    /// Some 190 arguments of 130 calls, each unmapped, in the kernel's half, not canonical, in the window, across the end of a page, and not accessible.
    /// </summary>
    [Fact]
    public async Task Wild_pointers_in_every_argument_of_every_call_are_answered_as_on_Linux()
    {
        string overlay = Directory.CreateTempSubdirectory("overlay-").FullName;
        try
        {
            string program = Path.Combine(overlay, "personality-tests");
            File.Copy(Path.Combine(RepositoryLayout.Find().Root, ".build/personality-tests"), program);
            await LinuxOracle.SameAsLinux("/personality-tests pointers x", 1, overlay);
        }
        finally
        {
            Directory.Delete(overlay, recursive: true);
        }
    }

    /// <summary>The program itself counts where its thread stood when a signal came, and ends when no instruction is left.</summary>
    [Fact]
    public Task Signals_at_every_instruction_of_the_exit_stub_lose_no_register_and_run_their_handler_once() =>
        Run(" exit " + string.Join(',', ExitStubInstructions()), "ok exit stub\n", TargetSystem.Microkernel, cpus: 1, countsInstructions: true);

    // Offsets from the stub's start. The image is flat: the vDSO's page, a header, whose addresses count from the window's base, then the code.
    private static IEnumerable<ulong> ExitStubInstructions()
    {
        byte[] image = File.ReadAllBytes(RepositoryLayout.Find().Personality);
        int start = OffsetIn(image, nameof(PersonalityHeader.ExitRecheck)), end = OffsetIn(image, nameof(PersonalityHeader.ExitEnd));
        var decoder = Iced.Intel.Decoder.Create(64, new ByteArrayCodeReader(image, start, end - start));
        while (decoder.IP < (ulong)(end - start))
        {
            yield return decoder.IP;
            Assert.False(decoder.Decode().IsInvalid);
        }
    }

    // The header is a row of 64-bit words, in the order of their declaration.
    private static int OffsetIn(byte[] image, string field)
    {
        int word = Array.FindIndex(typeof(PersonalityHeader).GetFields(BindingFlags.Instance | BindingFlags.Public), candidate => candidate.Name == field);
        return (int)(BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan((int)(Window.Base - Window.Vdso) + word * sizeof(ulong))) - Window.Vdso);
    }

    private static async Task Run(string arguments, string expected, TargetSystem system, int cpus, bool countsInstructions = false,
        string processor = QemuCommandLine.Processor)
    {
        string overlay = Directory.CreateTempSubdirectory("overlay-").FullName;
        try
        {
            string program = Path.Combine(overlay, "personality-tests");
            File.Copy(Path.Combine(RepositoryLayout.Find().Root, ".build/personality-tests"), program);
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            BootAnswer answer = await Boot.Run(new RunRequest
            {
                Command = Encoding.UTF8.GetBytes("/personality-tests" + arguments),
                System = system,
                Cpus = cpus,
                Overlay = overlay,
                CountsInstructions = countsInstructions,
                Processor = processor,
                Timeout = Boot.DefaultTimeout,
            });
            Assert.True(answer.ExitStatus == 0 && answer.Text.Contains(expected, StringComparison.Ordinal), answer.Describe("run"));
        }
        finally
        {
            Directory.Delete(overlay, recursive: true);
        }
    }
}

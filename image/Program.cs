using System.CommandLine;
using Microkernel.Image;
using Microkernel.Image.Commands;

// The build tool: everything between compiled objects and a running machine. One command a file under Commands/.
var root = new RootCommand("Generates, links, verifies, packs and runs the microkernel image.")
{
    CountsCommand.Create(),
    DocsCommand.Create(),
    GenerateCommand.Create(),
    LinkCommand.Create(),
    OrderCommand.Create(),
    ProfileCommand.Create(),
    RunCommand.Create(),
    SymbolsCommand.Create(),
    TestCommand.Create(),
    VerifyCommand.Create(),
};
try
{
    return root
        .Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null })
        .Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (BuildFailedException e)
{
    Console.Error.WriteLine($"image: {e.Message}");
    return 1;
}

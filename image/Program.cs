using System.CommandLine;
using Microkernel.Image.Commands;

// The build tool: everything between compiled objects and a running machine. One command a file under Commands/.
var root = new RootCommand("Generates, links, verifies, packs and runs the microkernel image.")
{
    GenerateCommand.Create(),
};
return root.Parse(args).Invoke();

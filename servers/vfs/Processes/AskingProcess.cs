using Servers.Vfs.Objects;

namespace Servers.Vfs.Processes;

/// <summary>The process behind an operation, for those who need more of it than a <see cref="Subject"/>: procfs and terminals.</summary>
public static class AskingProcess
{
    extension(OperationContext context)
    {
        /// <summary>The process that asks: nothing else is ever a subject.</summary>
        public ClientProcess Process => (ClientProcess)context.Subject;
    }

    extension(in OpenRequest request)
    {
        /// <summary>The process that opens.</summary>
        public ClientProcess Process => request.Context.Process;
    }
}

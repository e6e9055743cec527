using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Under which name a program is known (/proc/PID/exe): the file itself, not a link to it. A link there would lead programs that execute /proc/self/exe round in circles.
/// Links among the directories stay: the name leads to the same file.
/// </summary>
internal static unsafe class ProgramPath
{
    // Linux' limit for links in a row (path_resolution(7)).
    private const int MostLinks = 40;
    private const uint Limit = 4096;

    /// <summary>Follows links from <paramref name="path"/>, which opened a moment ago. Returns own memory, to be freed, or null if there is none.</summary>
    public static byte* Resolve(TaskState* task, byte* path)
    {
        byte* text = (byte*)PersonalityHeap.Allocate(2 * Limit);
        uint length = ArgumentList.LengthOf(path);
        if (text == null || length >= Limit)
            return text;
        BlockMemory.Move(text, path, length);
        for (int links = 0; links < MostLinks; links++)
        {
            byte* target = text + Limit;
            long targetLength = ReadLink(task, text, length, target);
            if (targetLength <= 0)
                break;
            // Relative to the directory that holds the link.
            uint keep = 0;
            if (target[0] != '/')
            {
                for (uint i = 0; i < length; i++)
                    keep = text[i] == '/' ? i + 1 : keep;
            }
            if (keep + (ulong)targetLength >= Limit)
                break;
            BlockMemory.Move(text + keep, target, (ulong)targetLength);
            length = keep + (uint)targetLength;
        }
        text[length] = 0;
        return text;
    }

    // The link's text, or what says that it is none.
    private static long ReadLink(TaskState* task, byte* path, uint length, byte* target)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.ReadLink, VfsLimits.WorkingDirectory, 0, length);
        long result = VfsPool.Take(task, &request, Limit, Limit);
        if (result < 0)
            return result;
        byte* buffer = VfsPool.BufferOf(&request);
        BlockMemory.Move(buffer, path, length);
        result = VfsClient.Call(task, &request);
        if (result >= Limit)
            result = -Errno.ENAMETOOLONG;
        if (result > 0)
            BlockMemory.Move(target, buffer, (ulong)result);
        VfsPool.Give(task, &request);
        return result;
    }
}

using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Asks vfs what exec did not hand over: type, access mode, and whether the file can seek.</summary>
internal static unsafe class DescriptorFacts
{
    /// <summary>Fills in the unknown facts, in the table and in <paramref name="descriptor"/>. False if vfs would not say.</summary>
    public static bool Learn(TaskState* task, ulong fd, Descriptor* descriptor)
    {
        if ((descriptor->Bits & (DescriptorBits.Unknown | DescriptorBits.Local)) != DescriptorBits.Unknown)
            return true;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.Stat, descriptor->Handle, AtFlags.EmptyPath);
        if (VfsPool.Take(task, &request, StatLayout.Length, StatLayout.Length) < 0)
            return false;
        long result = VfsClient.Call(task, &request);
        uint mode = *(uint*)(VfsPool.BufferOf(&request) + StatLayout.Mode);
        VfsPool.Give(task, &request);
        if (result < 0)
            return false;
        bool seekable = (descriptor->Bits & (DescriptorBits.Source | DescriptorBits.Set)) == 0
            && VfsClient.Call(task, VfsOperation.Seek, descriptor->Handle, 0, 1) >= 0;
        long flags = VfsClient.Call(task, VfsOperation.GetFlags, descriptor->Handle);
        if (flags < 0)
            return false;
        uint access = (uint)flags & (OpenFlags.Path | OpenFlags.AccessMode);
        uint bits = seekable ? DescriptorBits.Seekable : 0;
        descriptor->Bits = descriptor->Bits & ~DescriptorBits.Unknown | bits;
        descriptor->Mode = mode;
        descriptor->Access = access;
        DescriptorTable.SetFacts(task, fd, descriptor->Handle, bits, mode, access);
        return true;
    }
}

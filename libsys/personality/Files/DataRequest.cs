using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Requests about the data of an open file: they go to the server that has it.</summary>
internal static unsafe class DataRequest
{
    /// <summary>Fills a request without payload.</summary>
    public static void Begin(VfsRequest* request, VfsOperation operation, Descriptor* descriptor, ulong a1 = 0, ulong a2 = 0)
    {
        VfsRequest.Begin(request, operation, descriptor->Handle, a1, a2);
        request->Server = (byte)DescriptorBits.ServerOf(descriptor->Bits);
    }
}

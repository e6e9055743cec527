using Bare;

namespace ConnectionChecks;

/// <summary>sendfile(2), splice(2), tee(2) and copy_file_range(2) from and to a device, whose driver has none of the operations that they need.</summary>
internal static class TransferChecks
{
    private const long SendFile = 40, Splice = 275, Tee = 276, CopyFileRange = 326;
    private const int Length = 4, OffsetAt = 1024, Create = 0x42; // O_CREAT | O_RDWR

    /// <summary>Of a device that is opened with the given flags: the results, which do not depend on what there is to read.</summary>
    public static int Run(long path, int flags)
    {
        int device = Sys.Open(path, flags | Sys.NonBlock);
        Report.Number("open"u8, device >= 0 ? 0 : device);
        Sys.Pipe(out int read, out int write);
        Sys.Write(write, "pipe"u8);
        int file = Sys.Open("/tmp/transferred\0"u8, Create);
        Sys.Write(file, "file"u8);
        Sys.Word(Sys.At(OffsetAt)) = 0;
        long offset = Sys.At(OffsetAt);
        Report.Number("sendfile: device to file"u8, Linux.Call(SendFile, file, device, 0, Length));
        Report.Number("sendfile: device to pipe"u8, Linux.Call(SendFile, write, device, 0, Length));
        Report.Number("sendfile: device to device"u8, Linux.Call(SendFile, device, device, 0, Length));
        Report.Number("sendfile: file to device"u8, Linux.Call(SendFile, device, file, offset, Length));
        Report.Number("sendfile: pipe to device"u8, Linux.Call(SendFile, device, read, 0, Length));
        Report.Number("sendfile: device with an offset"u8, Linux.Call(SendFile, file, device, offset, Length));
        Report.Number("sendfile: nothing"u8, Linux.Call(SendFile, device, file, offset));
        Report.Number("splice: device to pipe"u8, Linux.Call(Splice, device, 0, write, 0, Length));
        Report.Number("splice: pipe to device"u8, Linux.Call(Splice, read, 0, device, 0, Length));
        Report.Number("splice: device to file"u8, Linux.Call(Splice, device, 0, file, 0, Length));
        Report.Number("splice: pipe to device, nothing"u8, Linux.Call(Splice, read, 0, device));
        Report.Number("tee: device to pipe"u8, Linux.Call(Tee, device, write, Length));
        Report.Number("tee: pipe to device"u8, Linux.Call(Tee, read, device, Length));
        Report.Number("copy_file_range: device to file"u8, Linux.Call(CopyFileRange, device, 0, file, 0, Length));
        Report.Number("copy_file_range: file to device"u8, Linux.Call(CopyFileRange, file, offset, device, 0, Length));
        Report.Number("the pipe still holds"u8, Sys.Read(read, 8));
        return 0;
    }
}

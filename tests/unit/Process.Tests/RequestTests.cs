using Libsys.Abi;
using Libsys.Hosting;
using Servers.Processes.Requests;
using Servers.Processes.Tree;

namespace Servers.Processes.Tests;

/// <summary>What a handler may do with a call.</summary>
public sealed class RequestTests
{
    private static readonly ProgramSpace Space = new(1, default, default);

    [Fact]
    public void An_operation_that_is_declared_to_wait_keeps_its_request()
    {
        var message = new Message { ReplyHandle = 7 };
        var request = new Request(new Process(2, new Budget(0)), Space, in message, mayWait: true);
        Assert.Equal(new ReplyHandle(7), request.Keep());
    }

    [Fact]
    public void Another_operation_cannot_keep_its_request()
    {
        Message message = default;
        message.Words[0] = 26;
        var request = new Request(new Process(2, new Budget(0)), Space, in message, mayWait: false);
        InvalidOperationException? mistake = null;
        try
        {
            request.Keep();
        }
        catch (InvalidOperationException exception)
        {
            mistake = exception;
        }

        Assert.Contains("operation 26", mistake?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Handles_beyond_what_a_message_has_are_not_there()
    {
        var message = new Message { HandleCount = uint.MaxValue };
        var request = new Request(new Process(2, new Budget(0)), Space, in message, mayWait: false);
        Assert.Equal(4, request.HandleCount);
    }
}

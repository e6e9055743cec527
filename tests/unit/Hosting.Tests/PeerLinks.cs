using CsCheck;

namespace Libsys.Hosting.Tests;

/// <summary>Requests pass a server that is killed at any moment once, in order, and without a loss.</summary>
public sealed class PeerLinks
{
    private enum Step { Submit, Serve, Kill, Restart, Announce, AcceptAttempt, AnswerAttempt, Wait, DeliverLate, BreakRules }

    [Fact]
    public void Every_request_is_answered_once_and_in_order_whatever_happens_to_the_server() =>
        Gen.Enum<Step>().Array[0, 200].Sample(steps =>
        {
            var peer = new PeerUnderTest();
            int submitted = 0;
            peer.Restart();
            peer.Announce();
            foreach (Step step in steps)
            {
                switch (step)
                {
                    case Step.Submit: peer.Submit(submitted++); break;
                    case Step.Serve: peer.Serve(); break;
                    case Step.Kill: peer.Kill(); break;
                    case Step.Restart: peer.Restart(); break;
                    case Step.Announce: peer.Announce(); break;
                    case Step.AcceptAttempt: peer.AcceptAttempt(); break;
                    case Step.AnswerAttempt: peer.AnswerAttempt(); break;
                    case Step.Wait: peer.Wait(5_000_000); break;
                    case Step.DeliverLate: peer.DeliverLate(); break;
                    default: peer.BreakRules(); break;
                }
            }

            // Whatever state that is: one more restart that is announced, and everything is done.
            peer.Kill();
            peer.Restart();
            peer.Announce();
            for (int round = 0; round < 5; round++)
            {
                peer.Wait(PeerLink<PeerUnderTest.Request>.LongestReplacement);
                peer.AnswerAttempt();
                while (peer.Serve())
                {
                }
            }

            Assert.Equal(Enumerable.Range(0, submitted), peer.Answered);
            Assert.Equal(0, peer.Link.Queue.Count);
        });

    [Fact]
    public void A_server_killed_behind_each_single_step_of_an_exchange_loses_nothing()
    {
        for (int life = 0; life < 12; life++)
        {
            var peer = new PeerUnderTest();
            int steps = 0;
            peer.Restart();
            peer.Announce();
            for (int number = 0; number < 3; number++)
            {
                peer.Submit(number);
                Step();
            }

            for (int round = 0; round < 6; round++)
            {
                peer.AnswerAttempt();
                Step();
                peer.Serve();
                Step();
            }

            while (peer.Serve())
            {
            }

            Assert.Equal([0, 1, 2], peer.Answered);

            void Step()
            {
                if (steps++ != life)
                    return;
                peer.Kill();
                peer.Restart();
                peer.Announce();
            }
        }
    }

    [Fact]
    public void An_announcement_of_the_generation_that_it_is_connected_to_changes_nothing()
    {
        PeerUnderTest peer = Connected();
        peer.Announce();
        Assert.Equal(1, peer.Attempts);
    }

    [Fact]
    public void An_attempt_that_the_predecessor_answered_is_made_again()
    {
        var peer = new PeerUnderTest();
        peer.Restart();
        peer.Link.Start();
        peer.Submit(0);

        // It answered and died; its successor is announced while the answer is on its way.
        peer.AcceptAttempt();
        peer.Kill();
        peer.Restart();
        peer.Announce();
        peer.AnswerAttempt();
        Assert.True(peer.IsConnecting);
        peer.AnswerAttempt();
        Assert.True(peer.Serve());
        Assert.Equal([0], peer.Answered);
    }

    [Fact]
    public void Nobody_who_answers_is_asked_less_and_less_often()
    {
        var peer = new PeerUnderTest();
        peer.Link.Start();
        ulong last = 0;
        for (int attempt = 0; attempt < 12; attempt++)
        {
            peer.AnswerAttempt();
            Assert.False(peer.IsConnecting);
            Assert.True(peer.NextAttempt >= last && peer.NextAttempt <= PeerLink<PeerUnderTest.Request>.LongestRetry);
            last = peer.NextAttempt;
            peer.Wait(peer.NextAttempt);
        }

        Assert.Equal(PeerLink<PeerUnderTest.Request>.LongestRetry, last);

        // A successor is not made to wait for that.
        peer.AnswerAttempt();
        peer.Restart();
        peer.Announce();
        Assert.True(peer.IsConnecting);
    }

    [Fact]
    public void A_broken_peer_is_reported_once_and_its_successor_gets_the_requests()
    {
        PeerUnderTest peer = Connected();
        peer.Submit(0);
        peer.BreakRules();
        peer.BreakRules();
        Assert.Equal([1u], peer.Violations);
        peer.Submit(1);
        peer.Kill();
        peer.Restart();
        peer.Announce();
        peer.AnswerAttempt();
        Assert.True(peer.Serve() && peer.Serve());
        Assert.Equal([0, 1], peer.Answered);
    }

    [Fact]
    public void A_request_in_flight_cannot_be_made_again()
    {
        PeerUnderTest peer = Connected();
        PeerUnderTest.Request request = peer.Submit(0);
        Assert.Throws<InvalidOperationException>(() => peer.Link.Submit(request));
    }

    private static PeerUnderTest Connected()
    {
        var peer = new PeerUnderTest();
        peer.Restart();
        peer.Announce();
        peer.AnswerAttempt();
        return peer;
    }
}

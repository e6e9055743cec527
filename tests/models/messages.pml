/*
 * Messages in memory (docs/unix-sockets.md), in one direction: what they have beyond a stream (stream.pml, stream-marks.pml). Index and cost of a side are one
 * word; who receives a message counts a change, always; vfs takes all of them back under the senders' lock, for good, for a message that may not lie in memory,
 * and whoever receives meanwhile steps from the word that he has seen, or fails; where either socket has ended everything is a request.
 *
 * A program sends two messages, short or long, perhaps such that may not lie in memory; another receives. Both use memory if they can, else requests. In each
 * run there is one thing more: somebody else sends, too, or receives, and may be ended by force while he moves a message; or somebody looks whether there is
 * room; or the receiver may leave before the end. A socket is closed when nobody sends, or receives, any more.
 *
 * Who sleeps in memory sleeps on a number of changes; to count and to wake are one step (stream.pml has the two apart). Loads and stores are in the order of
 * the text, as x86-64 has it for each among themselves; locks and numbers are locked instructions. vfs does one request at a time; who waits there is told of
 * all that it does.
 *
 * Shown: each message is received once, in the order in which they were sent, wherever they lie; no more is sent than SO_SNDBUF allows, and who looks never
 * finds more room than there is; nobody sleeps for ever while he could go on; receivers get all that was sent, and then the end.
 *
 * Mutants (-D), each of which must fail:
 *   SENT_IN_TWO            who sends stores the index, and then the cost
 *   TAKEN_IN_TWO           so does who receives
 *   COUNTED_WHEN_FULL      who receives counts a change only if memory had no room for another message
 *   WRITER_FIRST           who looks loads the writer's word before the reader's
 *   LOOK_ASKS_FIRST        he looks at the bits first
 *   SENDER_ASKS_FIRST      who sends looks at the bits before he takes the lock
 *   BITS_BEFORE_NUMBER     who receives looks at the bits before he reads the number of changes
 *   TAKEN_BLINDLY          who receives stores his word, whatever is there
 *   BACK_BLINDLY           so does vfs, when it takes them back
 *   BACK_UNLOCKED          vfs takes them back without the senders' lock
 *   ELSEWHERE_LATE         it lets go before it says where they are
 *   END_UNTOLD             nobody is told of an end
 *   END_TOLD_FIRST         they are told before the bits say so
 */
#define ALL 3                     /* messages: one sender has one, the other two */
#define ROOM 3                    /* of memory */
#define SEND_BUFFER 8
#define FrameOf(length) (1 + (length))
#define CostOf(length) (3 + (length))
#define OWNER 9                   /* holder of a lock, beside programs' numbers */

/* In memory. */
byte tail, tailCost, head, headCost;
byte lengths[ROOM], stamps[ROOM]; /* of the message that begins there: its header, and its bytes */
byte sent, taken;                 /* numbers of changes, by senders and by receivers */
byte writeLock, readLock;
bool asks;

/* In vfs. */
chan queue = [ALL] of { byte, byte };
byte queued;                      /* what those cost */
bool server;                      /* something is being served */
bool elsewhere, isShut, isClosed;

/* What is so. */
byte published, received;         /* messages */
byte unread;                      /* what those cost that were sent and not received */
byte sending = 1, receiving = 1;

/* What comes to pass in a run. */
bool mayKill, isLeaving;

inline Lock(word, holder) { atomic { word == 0 -> word = holder } }

#define Cost(writer, reader) ((writer) >= (reader) -> (writer) - (reader) : 0)
#define MaySend(cost, length) ((cost) == 0 || (cost) + CostOf(length) <= SEND_BUFFER)

/* A message is there; and somebody has it. */
inline Publish() {
    assert(MaySend(unread, length));
    published++;
    unread = unread + CostOf(length)
}

inline Receive() {
    assert(stamp == received + 1);
    received++;
    unread = unread - CostOf(length)
}

/* Behind the last in memory; the word follows. */
inline Put() {
    stamps[tail % ROOM] = published + 1;
    lengths[tail % ROOM] = length;
    Publish()
}

/* The others may not, so that it is over in the end. */
inline MayBeKilled() {
    if
    :: me == 1 && mayKill -> mayKill = false; goto gone
    :: true
    fi
}

/* vfs, when nothing of it runs any more. */
inline Forget(word) {
    if
    :: word == me -> word = 0
    :: else
    fi;
    sent++;
    taken++
}

/* vfs; nothing else is served meanwhile. */
inline TakeBack() {
    atomic { !server -> server = true };
#ifndef BACK_UNLOCKED
    Lock(writeLock, OWNER);
#endif
#ifndef ELSEWHERE_LATE
    asks = true;
#endif
    do
    :: atomic {
            found = head;
            foundTail = tail;
            at = head;
            do
            :: at < foundTail ->
                queue!stamps[at % ROOM], lengths[at % ROOM];
                queued = queued + CostOf(lengths[at % ROOM]);
                at = at + FrameOf(lengths[at % ROOM])
            :: else -> break
            od;
            at = 0
        };
        atomic {
#ifdef BACK_BLINDLY
            if
            :: true ->
#else
            if
            :: head == found ->
#endif
                head = foundTail;
                headCost = tailCost;
                elsewhere = true;
                found = 0;
                foundTail = 0;
                break
#ifndef BACK_BLINDLY
            :: else ->
                do
                :: len(queue) > 0 -> queue?_, _
                :: else -> break
                od;
                queued = 0
#endif
            fi
        }
    od;
#ifndef BACK_UNLOCKED
    writeLock = 0;
#endif
#ifdef ELSEWHERE_LATE
    asks = true;
#endif
    atomic { sent++; taken++ };
    server = false
}

proctype Sender(byte me) {
    byte done, length, seen, foundCost, found, foundTail, at;
    bool isPlain, mayNot;
    do
    :: done < me ->
        atomic {
            if
            :: length = 0
            :: length = 2
            fi;
            if
            :: isPlain = true
            :: me == 2 -> isPlain = false
            fi
        };
again:
        if
        :: !isPlain -> goto ask
        :: else
        fi;
#ifdef SENDER_ASKS_FIRST
        mayNot = asks;
#endif
        atomic {
            seen = taken;
            if
            :: writeLock == 0 -> writeLock = me
            :: else -> goto ask
            fi
        };
        atomic {
            MayBeKilled();
#ifndef SENDER_ASKS_FIRST
            mayNot = asks;
#endif
            found = head;
            foundCost = headCost;
            if
            :: mayNot -> mayNot = false; found = 0; foundCost = 0; writeLock = 0; goto ask
            :: !mayNot && (!MaySend(Cost(tailCost, foundCost), length) || tail - found + FrameOf(length) > ROOM) ->
                found = 0;
                foundCost = 0;
                writeLock = 0;
                goto sleep
            :: else -> found = 0; foundCost = 0
            fi
        };
#ifdef SENT_IN_TWO
        atomic { MayBeKilled(); Put(); tail = tail + FrameOf(length) };
        atomic { MayBeKilled(); tailCost = tailCost + CostOf(length) };
#else
        atomic { MayBeKilled(); Put(); tail = tail + FrameOf(length); tailCost = tailCost + CostOf(length) };
#endif
        atomic { MayBeKilled(); sent++; writeLock = 0; goto next };
sleep:
        taken != seen;
        goto again;
ask:
        if
        :: !isPlain && !elsewhere -> TakeBack()
        :: else
        fi;
        atomic {
            !server && (isClosed || elsewhere || writeLock == 0);
            seen = taken;
            if
            :: isClosed -> goto over
            :: !isClosed && elsewhere && MaySend(queued, length) ->
                queue!(published + 1), length;
                queued = queued + CostOf(length);
                Publish();
                sent++;
                goto next
            :: !isClosed && !elsewhere && isPlain && MaySend(Cost(tailCost, headCost), length) && tail - head + FrameOf(length) <= ROOM ->
                Put();
                tail = tail + FrameOf(length);
                tailCost = tailCost + CostOf(length);
                sent++;
                goto next
            :: else
            fi
        };
        taken != seen || isClosed;
        goto ask;
next:
        atomic { done++; length = 0; seen = 0; isPlain = false }
    :: else -> break
    od;
    goto over;
gone:
    atomic { Forget(writeLock) };
over:
    sending--
}

proctype Receiver(byte me) {
    byte seen, length, stamp, found;
    bool mayNot;
again:
#ifdef BITS_BEFORE_NUMBER
    mayNot = asks;
#endif
    atomic {
        seen = sent;
        if
        :: isLeaving -> goto over
        :: readLock == 0 -> readLock = me
        :: else -> goto ask
        fi
    };
    atomic {
        MayBeKilled();
#ifndef BITS_BEFORE_NUMBER
        mayNot = asks;
#endif
        if
        :: mayNot -> mayNot = false; readLock = 0; goto ask
        :: !mayNot && tail == head -> readLock = 0; goto sleep
        :: else -> length = lengths[head % ROOM]; stamp = stamps[head % ROOM]; found = head
        fi
    };
    atomic {
        MayBeKilled();
        if
#ifndef TAKEN_BLINDLY
        :: head != found -> found = 0; length = 0; stamp = 0; readLock = 0; goto ask
#endif
        :: else ->
            Receive();
            head = found + FrameOf(length);
            found = 0;
#ifndef TAKEN_IN_TWO
            headCost = headCost + CostOf(length)
#endif
        fi
    };
#ifdef TAKEN_IN_TWO
    atomic { MayBeKilled(); headCost = headCost + CostOf(length) };
#endif
    atomic {
        MayBeKilled();
#ifdef COUNTED_WHEN_FULL
        taken = (tail - head + FrameOf(length) == ROOM -> taken + 1 : taken);
#else
        taken++;
#endif
        readLock = 0;
        seen = 0; length = 0; stamp = 0;
        goto again
    };
sleep:
    sent != seen;
    goto again;
ask:
    atomic {
        !server && (elsewhere || readLock == 0);
        seen = sent;
        if
        :: elsewhere && len(queue) > 0 ->
            queue?stamp, length;
            Receive();
            queued = queued - CostOf(length);
            taken++;
            stamp = 0; length = 0;
            goto again
        :: !elsewhere && head != tail ->
            stamp = stamps[head % ROOM];
            length = lengths[head % ROOM];
            Receive();
            head = head + FrameOf(length);
            headCost = headCost + CostOf(length);
            taken++;
            stamp = 0; length = 0;
            goto again
        :: else ->
            if
            :: isShut -> assert(received == published); goto over
            :: else
            fi
        fi
    };
    sent != seen || isShut;
    goto ask;
gone:
    atomic { Forget(readLock) };
over:
    receiving--
}

/* Whether more could be sent: vfs is asked where the bits say so. */
proctype Looker() {
    byte cost;
    bool mayNot, isWrong;
#ifdef LOOK_ASKS_FIRST
    mayNot = asks;
#endif
#ifdef WRITER_FIRST
    cost = tailCost;
    atomic { isWrong = Cost(cost, headCost) < unread; cost = 0 };
#else
    cost = headCost;
    atomic { isWrong = Cost(tailCost, cost) < unread; cost = 0 };
#endif
#ifndef LOOK_ASKS_FIRST
    mayNot = asks;
#endif
    assert(mayNot || !isWrong);
    atomic { mayNot = false; isWrong = false }
}

/* The sender's socket ends, and the receiver's, perhaps long before. */

inline End(which) {
    atomic { !server -> server = true; which = true };
#ifdef END_TOLD_FIRST
    atomic { sent++; taken++ };
    asks = true;
#else
    asks = true;
#ifndef END_UNTOLD
    atomic { sent++; taken++ };
#endif
#endif
    server = false
}

active proctype Shut() {
    sending == 0;
    End(isShut)
}

active proctype Close() {
    receiving == 0;
    End(isClosed)
}

init {
    atomic {
        run Sender(2);
        run Receiver(2);
        if
        :: mayKill = true; sending = 2; run Sender(1)
        :: mayKill = true; receiving = 2; run Receiver(1)
        :: run Looker()
        :: isLeaving = true
        fi
    }
}

ltl all_come_to_an_end { <> (isShut && isClosed) }

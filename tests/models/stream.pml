/*
 * A stream in shared memory (docs/streams.md): two writers publish under a lock, two readers wait on the number of changes. Who waits notes the number that it
 * has seen, only ever forward, and sleeps on it; whoever moves the number on from there, or from before it, wakes. The kernel compares the number before a thread sleeps.
 *
 * A writer publishes once: data, then the index, then the number by a locked instruction, which flushes its store buffer; then it looks at the note. It may be
 * ended by force between any two steps; then the owner (vfs) frees its lock, counts a change and wakes all, whatever the note says. Stores pass through a
 * store buffer, as on x86-64 (ring.pml).
 *
 * Shown: in every schedule everything that was published is taken in the end, once and whole, nobody sleeps on a number that has passed, and the writer
 * that lives gets through.
 *
 * Mutants (-D), each of which must fail:
 *   NO_CHANGER_FENCE   index and number may still be in the writer's store buffer when it looks at the note
 *   NO_WAITER_FENCE    the note may still be in the reader's store buffer when the kernel compares
 *   NO_COMPARE         a thread sleeps without a look at the number
 *   SEEN_LATE          the number is read after the look at the index
 *   NOTE_BACKWARD      an older note may replace a newer one
 *   ONLY_EQUAL         a note that is later than the number before the change is taken for one of who need not be woken: an older sleeper is forgotten
 *   INDEX_FIRST        the index is stored before the data
 *   LOCK_KEPT          the end of a writer does not free its lock
 *   NO_WAKE_AT_END     the end of a writer is not followed by a change and a wake
 *   END_ASKS_NOTE      at the end of a writer only those are woken whom the note tells of
 */
#define WRITERS 2
#define READERS 2
#define NONE 255

byte data;                        /* blocks of which the data is there */
byte tail, head;                  /* blocks published, and taken */
byte changes = 1, awaited;        /* the number, and the note */
byte tailBuffered[WRITERS], changesBuffered[WRITERS], awaitedBuffered[READERS];
byte lock = NONE, readLock = NONE;
bool sleeps[READERS];
byte sleepsOn[READERS];           /* the number that each has seen last */
byte ended;                       /* writers that have come to an end, of whatever kind */

inline Wake() { sleeps[0] = false; sleeps[1] = false }

/* Of the CPUs: the buffers drain at any time, a writer's in order. */
#ifdef NO_CHANGER_FENCE
active [WRITERS] proctype WriterBuffer() {
    byte me = _pid % WRITERS;
end:
    do
    :: atomic { tailBuffered[me] != 0 -> tail = tail + 1; tailBuffered[me] = 0 }
    :: atomic { tailBuffered[me] == 0 && changesBuffered[me] != 0 -> changes = changes + 1; changesBuffered[me] = 0 }
    od
}
#endif
#ifdef NO_WAITER_FENCE
active [READERS] proctype ReaderBuffer() {
    byte me = _pid % READERS;
end:
    do
    :: atomic { awaitedBuffered[me] != 0 -> awaited = (awaitedBuffered[me] > awaited -> awaitedBuffered[me] : awaited); awaitedBuffered[me] = 0 }
    od
}
#endif

active [WRITERS] proctype Writer() {
    byte me = _pid % WRITERS, before;
    /* Only the first may be ended by force. */
    atomic { lock == NONE -> lock = me }
    if
    :: me == 0 -> goto gone
    :: true
    fi;
#ifdef INDEX_FIRST
    tail = tail + 1;
    if
    :: me == 0 -> goto gone
    :: true
    fi;
    data = tail;
#else
    data = tail + 1;
    if
    :: me == 0 -> goto gone
    :: true
    fi;
#ifdef NO_CHANGER_FENCE
    tailBuffered[me] = 1;
#else
    tail = tail + 1;
#endif
#endif
    if
    :: me == 0 -> goto gone
    :: true
    fi;
#ifdef NO_CHANGER_FENCE
    before = changes;
    changesBuffered[me] = 1;
#else
    atomic { before = changes; changes = changes + 1 }
#endif
    if
    :: me == 0 -> goto gone
    :: true
    fi;
    if
#ifdef ONLY_EQUAL
    :: awaited == before ->
#else
    :: awaited >= before ->
#endif
        if
        :: me == 0 -> goto gone
        :: true
        fi;
        atomic { Wake() }
    :: else
    fi;
    lock = NONE;
    goto done;
gone:
    tailBuffered[me] == 0 && changesBuffered[me] == 0;
    /* The owner, when nothing of it runs any more. */
#ifndef LOCK_KEPT
    atomic {
        if
        :: lock == me -> data = tail; lock = NONE
        :: else
        fi
    }
#endif
#ifndef NO_WAKE_AT_END
    atomic { before = changes; changes = changes + 1 }
#ifdef END_ASKS_NOTE
    if
    :: awaited >= before -> atomic { Wake() }
    :: else
    fi;
#else
    atomic { Wake() }
#endif
#endif
done:
    ended++
}

active [READERS] proctype Reader() {
    byte me = _pid % READERS, seen, found;
again:
    do
    :: true ->
#ifndef SEEN_LATE
        seen = changes;
#endif
        found = tail;
        if
        :: found != head ->
            /* Under the lock of the readers, one step here: it is as that of the writers. */
            atomic {
                if
                :: tail != head -> assert(data >= tail); head = head + 1
                :: else
                fi
            }
            goto again
        :: else
        fi;
#ifdef SEEN_LATE
        seen = changes;
#endif
#ifdef NO_WAITER_FENCE
        awaitedBuffered[me] = seen;
#else
#ifdef NOTE_BACKWARD
        awaited = seen;
#else
        atomic { awaited = (seen > awaited -> seen : awaited) }
#endif
#endif
        /* The kernel: compares and queues in one step. */
#ifdef NO_COMPARE
        sleepsOn[me] = seen;
        sleeps[me] = true;
#else
        atomic {
            if
            :: changes == seen -> sleepsOn[me] = seen; sleeps[me] = true
            :: else
            fi
        }
#endif
        !sleeps[me]
    od
}

#define AWAKE(i) (!sleeps[i] || sleepsOn[i] == changes)
ltl everything_is_taken { <> [] (ended == WRITERS && head == tail && AWAKE(0) && AWAKE(1)) }

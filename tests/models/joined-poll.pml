/*
 * poll over several servers (docs/ring-protocol.md, "Many threads, one ring"): a thread posts a request at one server and calls another one. It waits for the
 * call only. Whoever takes the completion of the posted request off the ring (here the reader, a thread of its own) cancels the call.
 *
 * The posted request is submitted first, because the note of which call it ends can only be made when the call has a tag. So it may be done before the note is
 * there: the thread notes and then looks at the state, the reader exchanges the state and then looks at the note. The call may end by itself too; then the
 * thread takes the note back, and ends the posted request. The reader may be late with its cancellation: meanwhile the thread may have made another request
 * with the same entry, which must not be cancelled. Stores of the thread pass through a store buffer, as on x86-64 (ring.pml): the exchange flushes it.
 *
 * Shown: in every schedule a posted request that is done ends the call; no other request is cancelled.
 *
 * Mutants (-D), each of which must fail:
 *   NO_NOTE_READ    the reader does not look at the note
 *   NO_LOOK         the thread does not look at the state behind its note
 *   LOOK_FIRST      it looks at the state and then makes the note
 *   NO_FENCE        the note may still be in the store buffer when the thread looks
 *   NO_TAG          the reader cancels whatever the entry is used for now
 */
bool postedDone;            /* state word of the posted request */
byte noteInMemory;          /* tag of the call to end; 0: none */
byte noteBuffered;          /* a store of it that has not left the thread's CPU */
byte tag;                   /* request that the call's entry is used for: 1 the call, 2 another one; 0: none */
bool cancelled, over, finished;

/* Of the thread's CPU: the buffer drains at any time. */
active proctype StoreBuffer() {
end:
    do
    :: atomic { noteBuffered != 0 -> noteInMemory = noteBuffered; noteBuffered = 0 }
    od
}

inline Flush() {
    noteBuffered == 0
}

inline Look() {
    if
    :: postedDone -> cancelled = true
    :: else
    fi
}

active proctype Thread() {
    tag = 1;
#ifdef LOOK_FIRST
    Look();
#endif
    noteBuffered = 1;
#ifndef NO_FENCE
    Flush();
#endif
#ifndef NO_LOOK
#ifndef LOOK_FIRST
    Look();
#endif
#endif
    /* The call ends when it is cancelled, or by itself. */
    (cancelled || over);
    tag = 0;
    noteBuffered == 0;
    noteInMemory = 0;
    /* Cancelled or not, the posted request is awaited: its buffer is the server's until then. */
    postedDone;
    cancelled = false;
    tag = 2;
    assert(!cancelled);
    tag = 0;
    assert(!cancelled);
    finished = true
}

/* The posted request is done at some time, and the reader takes its completion. */
active proctype Reader() {
    byte note;
    postedDone = true;
#ifndef NO_NOTE_READ
    note = noteInMemory;
#endif
    /* With the connection's lock: the entry does not change hands meanwhile. */
    atomic {
        if
#ifdef NO_TAG
        :: note != 0 && tag != 0 -> cancelled = true; assert(tag == 1)
#else
        :: note != 0 && note == tag -> cancelled = true; assert(tag == 1)
#endif
        :: else
        fi
    }
}

/* The call's own server may find something, or never. */
active proctype Server() {
    if
    :: over = true
    :: skip
    fi
}

ltl the_poll_ends { <> finished }

/*
 * A memory source (docs/memory-sources.md): a page with the truth about an open file description, which programs change without a message. Who waits for it
 * waits at the server, which has set the page's watched word; whoever changes the page and finds that word set rings the server, which looks again.
 *
 * A program changes the counter twice: the counter by a locked exchange, which flushes its store buffer, then the number of changes, then it looks at
 * watched. It may be ended by force between any two of these steps; then the server is told of the end, and looks again. The server's stores pass through a
 * store buffer, as on x86-64 (ring.pml): an exchange flushes it.
 *
 * With EDGES=0 the server waits for the level (the counter is not 0), takes it, and waits again. With EDGES=1 it waits for edges: a number of changes that
 * differs from the one it has seen before it looked at the counter.
 *
 * Shown: in every schedule the server sees the last value that the counter got, whether the program lives or not.
 *
 * Mutants (-D), each of which must fail:
 *   NO_WATCHER_FENCE     the wish to be rung may still be in the store buffer when the server looks for the second time
 *   NO_SECOND_LOOK       the server does not look behind its wish
 *   CLEARED_LATE         the server takes its last wish back when it has looked again, and so the new one
 *   LOOKED_FIRST         the program looks at watched before it changes anything
 *   NO_CHANGER_FENCE     the change may still be in the program's store buffer when it looks at watched
 *   NO_LOOK_AT_END       the end of a program is not followed by a look
 *   NUMBER_FIRST         (EDGES) the number of changes is increased before the counter
 */
#ifndef EDGES
#define EDGES 1
#endif
#define CHANGES 2

byte counter, counterBuffered;  /* in memory; a store of the program that has not left its CPU, 0: none */
byte number;                    /* of changes */
byte given;                     /* what the program has put into the counter, all in all */
bool watched, watchedBuffered;  /* in memory; the server's wish that has not left its CPU */
bool bell;                      /* a request of the program, or the word of its end: kept until it is taken */
byte taken, shown;              /* what the server has taken from the counter; the counter at the last edge that it reported */

/* Of the server's CPU: the buffer drains at any time. */
active proctype ServerBuffer() {
end:
    do
    :: atomic { watchedBuffered -> watched = true; watchedBuffered = false }
    od
}

#ifdef NO_CHANGER_FENCE
/* Of the program's CPU. */
active proctype ProgramBuffer() {
end:
    do
    :: atomic { counterBuffered != 0 -> counter = counter + counterBuffered; counterBuffered = 0 }
    od
}
#endif

inline Change() {
#ifdef NO_CHANGER_FENCE
    atomic { counterBuffered == 0 -> counterBuffered = 1; given++ }
#else
    atomic { counter = counter + 1; given++ }
#endif
}

active proctype Program() {
    byte i;
    bool seen;
    do
    :: i < CHANGES ->
        i++;
#ifdef LOOKED_FIRST
        seen = watched;
#endif
#ifdef NUMBER_FIRST
        number++;
        Change();
#else
        Change();
        if
        :: true
        :: goto gone
        fi;
        number++;
#endif
        if
        :: true
        :: goto gone
        fi;
#ifndef LOOKED_FIRST
        seen = watched;
#endif
        if
        :: seen ->
            if
            :: bell = true
            :: goto gone
            fi
        :: else
        fi
    :: else -> break
    od;
    /* It lives on, and changes nothing any more. */
    goto done;
gone:
    counterBuffered == 0;
    /* Ended by force. The process server tells of it when no thread of the program runs any more; the number changes, in case it was not increased. */
#ifndef NO_LOOK_AT_END
    atomic { number++; bell = true }
#endif
done:
    skip
}

active proctype Server() {
    byte seenCounter, seenNumber, reported;
    do
    :: true ->
        /* A try. The number is read before the counter. */
        seenNumber = number;
        seenCounter = counter;
#if EDGES==1
        if
        :: seenNumber != reported ->
            reported = seenNumber;
            shown = seenCounter;
            goto again
        :: else
        fi;
#else
        if
        :: seenCounter != 0 ->
            atomic { taken = taken + counter; counter = 0 }
            goto again
        :: else
        fi;
#endif
        /* It waits. */
        watchedBuffered = true;
#ifndef NO_WATCHER_FENCE
        !watchedBuffered;
#endif
#ifndef NO_SECOND_LOOK
        if
        :: counter != seenCounter || number != seenNumber -> goto again
        :: else
        fi;
#endif
#ifdef CLEARED_LATE
        watched = false;
#endif
        bell;
        bell = false;
#ifndef CLEARED_LATE
        watched = false;
#endif
again:
        skip
    od
}

#if EDGES==1
ltl everything_is_seen { <> [] (shown == given) }
#else
ltl everything_is_seen { <> [] (taken == given) }
#endif

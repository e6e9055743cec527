/*
 * A server's loop over several connections whose doorbells share one notification bit (docs/ring-protocol.md, "The server's side").
 *
 * A connection is hot while the server looks at it in every turn; its want-bell word is then 0. Before the server sleeps, it arms each hot connection:
 * sets the word to 1, fences and looks again. A connection without work is cold from then on; one with work stays hot, and the server does not sleep.
 * A bell makes all connections of its bit hot. Requests only: the way back is the same protocol, see ring.pml.
 *
 * Shown: each request is served, in every schedule.
 *
 * Mutants (-D), each of which must fail:
 *   ARM_WITHOUT_FENCE        the second look may come before the word is visible
 *   ARM_WITHOUT_SECOND_LOOK  the connection becomes cold without it
 *   COLD_WITHOUT_ARMING      a connection that was idle in one turn leaves the hot list although its word is 0
 *   SLEEP_WITH_WORK          the server sleeps although a connection stayed hot
 *   BELL_WAKES_ONE           of the connections that share a bit only the first becomes hot
 *   DISARM_ALL               a bell sets the words of all connections to 0, but only those with work become hot
 */
#define CONNECTIONS 2
#define REQUESTS    2

/* Words: the tail of connection c is word c, its want-bell word is CONNECTIONS + c. */
#define WORDS       4
#define PROCESSORS  3
#include "store-buffer.pml"

#define SERVER CONNECTIONS
#define WANTS(connection) (CONNECTIONS + connection)

bool doorbell;
byte served[CONNECTIONS];

proctype Client(byte me) {
    byte sent, old;

    do
    :: sent < REQUESTS ->
        sent++;
        Store(me, me, sent);
        Fence(me);
        Load(me, WANTS(me), old);
        if
        :: old == 1 ->
            Exchange(me, WANTS(me), 0, old);
            if
            :: old == 1 -> doorbell = true
            :: else
            fi
        :: else
        fi;
        old = 0
    :: else -> break
    od
}

proctype Server() {
    byte connection, seen;
    bool hot[CONNECTIONS], worked, canSleep;

    do
    :: worked = false;
       connection = 0;
       do
       :: connection < CONNECTIONS && hot[connection] ->
           Load(SERVER, connection, seen);
           if
           :: seen != served[connection] -> served[connection]++; worked = true
           :: else ->
#ifdef COLD_WITHOUT_ARMING
               hot[connection] = false
#endif
           fi;
           seen = 0;
           connection++
       :: connection < CONNECTIONS && !hot[connection] -> connection++
       :: connection == CONNECTIONS -> break
       od;
       if
       :: worked
       :: !worked ->
           canSleep = true;
           connection = 0;
           do
           :: connection < CONNECTIONS && hot[connection] ->
               Store(SERVER, WANTS(connection), 1);
#ifndef ARM_WITHOUT_FENCE
               Fence(SERVER);
#endif
#ifdef ARM_WITHOUT_SECOND_LOOK
               seen = served[connection];
#else
               Load(SERVER, connection, seen);
#endif
               if
               :: seen == served[connection] -> hot[connection] = false
               :: else ->
                   Store(SERVER, WANTS(connection), 0);
#ifdef SLEEP_WITH_WORK
                   hot[connection] = false
#else
                   canSleep = false
#endif
               fi;
               seen = 0;
               connection++
           :: connection < CONNECTIONS && !hot[connection] -> connection++
           :: connection == CONNECTIONS -> break
           od;
           if
           :: canSleep ->
end:           atomic { !buffered[SERVER] && doorbell -> doorbell = false };
               connection = 0;
               do
               :: connection < CONNECTIONS ->
                   Store(SERVER, WANTS(connection), 0);
#if defined(BELL_WAKES_ONE)
                   hot[connection] = connection == 0;
#elif defined(DISARM_ALL)
                   Load(SERVER, connection, seen);
                   hot[connection] = seen != served[connection];
                   seen = 0;
#else
                   hot[connection] = true;
#endif
                   connection++
               :: connection == CONNECTIONS -> break
               od
           :: !canSleep
           fi
       fi
    od
}

init {
    atomic {
        memory[WANTS(0)] = 1;
        memory[WANTS(1)] = 1;
        run Drain(0);
        run Drain(1);
        run Drain(SERVER);
        run Client(0);
        run Client(1);
        run Server()
    }
}

ltl every_request_is_served { <> (served[0] == REQUESTS && served[1] == REQUESTS) }

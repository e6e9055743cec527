/*
 * A connection whose server ends between any two of its stores, and whose successor goes on from kept words (docs/keeping.md; libsys/hosting/Keeping). One client, one server of which
 * up to DEATHS processes end, two slots and two entries; the number of requests is below the wrap of the indices.
 *
 * The kept words are mapped by the server alone, and a successor starts after the stores of its predecessor have reached memory, so a store is one step. The shared words are
 * too: the fences between indices and bells are those of ring.pml, which shows what happens without them. What a death adds to the bells is here: one may have rung for the
 * dead, and a wish for one may have been taken by it.
 *
 * Shown: every run ends with all requests answered; each is counted once (the server's own word is changed once for it) and answered once.
 *
 * Mutants (-D): each removes one step that the argument needs, or makes it at another place, and must fail.
 *   TAKEN_BEFORE_ENTRY      the index moves on before the entry is in flight: the request is lost
 *   NUMBER_BEFORE_COPY      the entry is in flight before its request is there
 *   NO_ROLL_FORWARD         the successor leaves the index where it was although the entry is in flight
 *   EFFECT_WITHOUT_LOG      the server's word is changed at once, the end of the request by the log
 *   LOG_LENGTH_FIRST        the log counts before it is written
 *   LOG_CLEARED_FIRST       the log no longer counts while it is carried out
 *   PUBLISH_BEFORE_COMMIT   the client sees an answer that does not count yet
 *   PUBLISHED_FIRST         what the client sees is noted before the client sees it
 *   NO_REPUBLISH            the successor does not show what its predecessor had decided
 *   RESUME_WITHOUT_BELL     the successor does not wake the client
 *   RESUME_WITHOUT_LOOK     the successor sleeps before it has looked at the submissions
 */
#define SLOTS       2
#define REQUESTS    3
#define DEATHS      2

/* Kept words. */
#define TAKEN       0
#define COMPLETED   1
#define PUBLISHED   2
#define NUMBER      3   /* of each entry: 1 + the request's index, 0 free */
#define COPY        5
#define ANSWER      7   /* copies of completions */
#define LOGGED      9
#define LOG         10  /* three changes: word, value */
#define COUNTED     16  /* the server's own: how often request 1, 2, ... was counted */
#define WORDS       20
byte kept[WORDS];

/* Shared words. */
byte submissionTail, completionTail, submission[SLOTS], completion[SLOTS];
bool serverWantsBell = true, clientWantsBell;

/* Notifications: a signal stays until it is waited for, or the supervisor takes it back. */
bool doorbell, completionBell;

byte deaths;
bool answered[REQUESTS + 1];
bool done;

proctype Client() {
    byte tail, head, value;

    do
    :: tail < REQUESTS && tail - head < SLOTS ->
        submission[tail % SLOTS] = tail + 1;
        tail++;
        submissionTail = tail;
        if
        :: atomic { serverWantsBell -> serverWantsBell = false }; doorbell = true
        :: !serverWantsBell
        fi
    :: head < tail ->
        if
        :: completionTail == head ->
            clientWantsBell = true;
            if
            :: completionTail == head -> atomic { completionBell -> completionBell = false }
            :: else
            fi;
            clientWantsBell = false
        :: else ->
            assert(completionTail > head && completionTail <= tail);
            value = completion[head % SLOTS];
            assert(value >= 1 && value <= tail);
            assert(!answered[value]);
            assert(kept[COUNTED + value] == 1);
            answered[value] = true;
            head++
        fi
    :: head == REQUESTS -> break
    od;
    done = true
}

/* The process may end here. */
#define END_HERE    if :: deaths < DEATHS -> deaths++; goto died :: true fi
#define KEEP(word, value)   atomic { kept[word] = value; END_HERE }
#define SET(place, word, value)     KEEP(LOG + 2 * place, word); KEEP(LOG + 2 * place + 1, value)

#define CHANGE(place)       atomic { changed = kept[LOG + 2 * place]; kept[changed] = kept[LOG + 2 * place + 1]; changed = 0; END_HERE }

#ifdef LOG_CLEARED_FIRST
#define CARRY_OUT   KEEP(LOGGED, 0); CHANGE(0); CHANGE(1); CHANGE(2)
#else
#define CARRY_OUT   CHANGE(0); CHANGE(1); CHANGE(2); KEEP(LOGGED, 0)
#endif

#ifdef PUBLISHED_FIRST
#define NOTE_FIRST  KEEP(PUBLISHED, index + 1)
#define NOTE_LAST   skip
#else
#define NOTE_FIRST  skip
#define NOTE_LAST   KEEP(PUBLISHED, index + 1)
#endif
/* The bell comes in a later turn, with those of other connections. */
#define PUBLISH \
    NOTE_FIRST; \
    completion[index % SLOTS] = kept[ANSWER + index % SLOTS]; \
    atomic { END_HERE }; \
    completionTail = index + 1; \
    atomic { END_HERE }; \
    atomic { rings = clientWantsBell; clientWantsBell = false; END_HERE }; \
    NOTE_LAST; \
    if :: rings -> completionBell = true :: else fi; \
    atomic { END_HERE }

proctype Server() {
    byte entry, index, value, changed;
    bool rings;

resume:
    /* The supervisor takes back what was signalled to the dead, then starts the successor: the log, the index, what was decided and not shown. */
    atomic { doorbell = false; rings = false; value = 0; entry = 0 };
    if
    :: kept[LOGGED] != 0 -> CARRY_OUT
    :: else
    fi;
#ifndef NO_ROLL_FORWARD
    if
    :: kept[NUMBER] == kept[TAKEN] + 1 || kept[NUMBER + 1] == kept[TAKEN] + 1 -> KEEP(TAKEN, kept[TAKEN] + 1)
    :: else
    fi;
#endif
    index = kept[PUBLISHED];
    if
    :: index != kept[COMPLETED] ->
        assert(index + 1 == kept[COMPLETED]);
#ifdef NO_REPUBLISH
        KEEP(PUBLISHED, index + 1)
#else
        PUBLISH
#endif
    :: else
    fi;
    serverWantsBell = true;
#ifndef RESUME_WITHOUT_BELL
    completionBell = true;
#endif
#ifdef RESUME_WITHOUT_LOOK
    if
    :: kept[NUMBER] == 0 && kept[NUMBER + 1] == 0 -> atomic { doorbell -> doorbell = false }; serverWantsBell = false
    :: else
    fi;
#endif

    do
    /* Serve one of those in flight, in any order. */
    :: kept[NUMBER] != 0 || kept[NUMBER + 1] != 0 ->
        if
        :: kept[NUMBER] != 0 -> entry = 0
        :: kept[NUMBER + 1] != 0 -> entry = 1
        fi;
        value = kept[COPY + entry];
        assert(value >= 1 && value <= REQUESTS);
        assert(kept[COUNTED + value] == 0);
        index = kept[COMPLETED];
        KEEP(ANSWER + index % SLOTS, value);
#ifdef PUBLISH_BEFORE_COMMIT
        PUBLISH;
#endif
#ifdef LOG_LENGTH_FIRST
        KEEP(LOGGED, 3);
#endif
#ifdef EFFECT_WITHOUT_LOG
        KEEP(COUNTED + value, 1);
#endif
        SET(0, COUNTED + value, 1);
        SET(1, NUMBER + entry, 0);
        SET(2, COMPLETED, index + 1);
#ifndef LOG_LENGTH_FIRST
        KEEP(LOGGED, 3);
#endif
        CARRY_OUT;
#ifndef PUBLISH_BEFORE_COMMIT
        PUBLISH;
#endif
        value = 0

    /* Take one. */
    :: (kept[NUMBER] == 0 || kept[NUMBER + 1] == 0) && submissionTail != kept[TAKEN] ->
        if
        :: kept[NUMBER] == 0 -> entry = 0
        :: else -> entry = 1
        fi;
        index = kept[TAKEN];
#ifdef TAKEN_BEFORE_ENTRY
        KEEP(TAKEN, index + 1);
#endif
#ifdef NUMBER_BEFORE_COPY
        KEEP(NUMBER + entry, index + 1);
        KEEP(COPY + entry, submission[index % SLOTS]);
#else
        KEEP(COPY + entry, submission[index % SLOTS]);
        KEEP(NUMBER + entry, index + 1);
#endif
#ifndef TAKEN_BEFORE_ENTRY
        KEEP(TAKEN, index + 1);
#endif
        index = 0

    /* Sleep. */
    :: kept[NUMBER] == 0 && kept[NUMBER + 1] == 0 && submissionTail == kept[TAKEN] ->
        serverWantsBell = true;
        if
        :: submissionTail == kept[TAKEN] ->
            /* The end of a sleeper is that of one who has just woken. */
end:        atomic { doorbell -> doorbell = false; END_HERE }
        :: else
        fi;
        serverWantsBell = false
    od;

died:
    goto resume
}

init {
    atomic { run Client(); run Server() }
}

/* The server may sleep for ever, but only when nothing is left to do. */
ltl every_request_is_answered { <> done }

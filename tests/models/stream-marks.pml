/*
 * What vfs says in the owner's page of a stream (docs/unix-sockets.md, docs/streams.md): the mark, before which readers in memory stop because the byte there
 * comes with descriptors; and that the bytes are elsewhere, because the pipe was taken back.
 *
 * A program writes a plain byte in memory, another sends two with descriptors, by vfs; a program reads in memory and asks vfs where it may not, another
 * reads by requests only. Loads and stores are in the order of the text, as x86-64 has it for stores among each other and loads among each other; locks are
 * locked instructions. vfs does one request at a time.
 *
 * Shown: who reads in memory never takes a byte that comes with descriptors; each of those is handed out once, with its byte; all bytes arrive, in their order,
 * also when the pipe is taken back at any moment; nobody sleeps for ever while there is something for him.
 *
 * Mutants (-D), each of which must fail:
 *   TAIL_FIRST         the writer's index is published before the mark
 *   ASKS_FIRST         a reader looks at the bits before the writer's index
 *   MARK_FIRST         a reader looks at the mark before the bits
 *   ACROSS             a reader goes across the mark
 *   MOVED_UNLOCKED     vfs moves the mark on while a program reads
 *   NO_SECOND_MARK     vfs does not show the next mark when it has handed out the first
 *   ASKS_BEFORE_LOCK   a program looks at the bits before it takes the lock
 *   TAKEN_UNLOCKED     vfs takes the pipe back while a program moves bytes
 */
#define PLAIN 1                   /* bytes that a program writes in memory */
#define MARKED 2                  /* bytes that come with descriptors */
#define ALL (PLAIN + MARKED)
#define PROGRAM 1                 /* holders of locks */
#define OWNER 2

bool with[ALL];                   /* whether the byte at an index comes with a descriptor: what vfs knows */
byte tail, head, mark;            /* in memory */
bool hasMark, elsewhere;
byte vfsTail, vfsHead;            /* the same of what vfs has, once the pipe was taken back; indices go on */
byte readLock, writeLock, server, changes, handed, sent;
bool sleeps;

inline Lock(word, me) { atomic { word == 0 -> word = me } }
inline Change() { atomic { changes++; sleeps = false } }

/* vfs, for a request to read a byte. */
inline Request() {
    Lock(server, OWNER);
    if
    :: elsewhere ->
        if
        :: atomic { vfsHead < vfsTail -> handed = handed + with[vfsHead]; vfsHead++ }
        :: vfsHead == vfsTail
        fi
    :: else ->
#ifndef MOVED_UNLOCKED
        Lock(readLock, OWNER);
#endif
        if
        :: head < tail -> atomic { handed = handed + with[head]; head++ }
        :: else
        fi;
        /* The next that comes with something, if there is one. */
        atomic {
            next = head;
            do
            :: next < tail && !with[next] -> next++
            :: else -> break
            od
        }
        if
#ifdef NO_SECOND_MARK
        :: true -> hasMark = false
#else
        :: next < tail -> mark = next
        :: else -> hasMark = false
#endif
        fi;
#ifndef MOVED_UNLOCKED
        readLock = 0
#endif
    fi;
    server = 0
}

active proctype Writer() {
    bool asks;
#ifdef ASKS_BEFORE_LOCK
    asks = elsewhere;
    Lock(writeLock, PROGRAM);
#else
    Lock(writeLock, PROGRAM);
    asks = elsewhere;
#endif
    if
    :: asks ->
        writeLock = 0;
        Lock(server, OWNER);
        vfsTail++;
        server = 0
    :: else ->
        tail++;
        writeLock = 0
    fi;
    Change();
    sent++
}

active proctype Sender() {
    byte marked;
    do
    :: marked < MARKED ->
        Lock(server, OWNER);
        if
        :: atomic { elsewhere -> with[vfsTail] = true; vfsTail++ }
        :: else ->
            Lock(writeLock, OWNER);
            with[tail] = true;
#ifdef TAIL_FIRST
            tail++;
#endif
            if
            :: hasMark
            :: else ->
#ifdef TAIL_FIRST
                mark = tail - 1;
#else
                mark = tail;
#endif
                hasMark = true
            fi;
#ifndef TAIL_FIRST
            tail++;
#endif
            writeLock = 0
        fi;
        server = 0;
        Change();
        sent++;
        marked++
    :: else -> break
    od
}

/* At any moment, or never. */
active proctype Back() {
    if
    :: true ->
        Lock(server, OWNER);
#ifndef TAKEN_UNLOCKED
        Lock(readLock, OWNER);
        Lock(writeLock, OWNER);
#endif
        atomic { vfsHead = head; vfsTail = tail }
        elsewhere = true;
#ifndef TAKEN_UNLOCKED
        atomic { writeLock = 0; readLock = 0 }
#endif
        server = 0;
        Change()
    :: true
    fi
}

active proctype Asker() {
    byte next;
    if
    :: true -> Request()
    :: true
    fi
}

active proctype Reader() {
    byte found, most, seen, marked, next;
    bool asks, bounded;
again:
    atomic { found = 0; most = 0; marked = 0; next = 0; asks = false; bounded = false; seen = changes }
#ifdef ASKS_BEFORE_LOCK
    asks = elsewhere;
    Lock(readLock, PROGRAM);
#else
    Lock(readLock, PROGRAM);
    asks = elsewhere;
#endif
#ifdef MARK_FIRST
    marked = mark;
#endif
#ifdef ASKS_FIRST
    bounded = hasMark;
    found = tail;
#else
    found = tail;
    bounded = hasMark;
#endif
#ifndef MARK_FIRST
    marked = mark;
#endif
    if
    :: asks -> readLock = 0; goto ask
    :: else
    fi;
    most = found;
#ifndef ACROSS
    if
    :: bounded && marked >= head && marked < most -> most = marked /* as unsigned arithmetic has it: one that has passed is far ahead */
    :: else
    fi;
#endif
    if
    :: found <= head ->
        readLock = 0;
        /* The kernel compares before it puts a thread to sleep. */
        atomic { if :: changes == seen -> sleeps = true :: else fi };
        !sleeps;
        goto again
    :: found > head && most <= head -> readLock = 0
    :: most > head ->
        atomic {
            do
            :: head < most -> assert(!with[head]); head++
            :: else -> break
            od;
            readLock = 0
        }
        goto again
    fi;
ask:
    atomic { found = 0; most = 0; marked = 0; seen = 0; asks = false; bounded = false }
    if
    :: !elsewhere || vfsHead < vfsTail -> Request(); goto again
    :: else ->
        /* In vfs' queue. */
        vfsHead < vfsTail -> goto ask
    fi
}

#define TAKEN ((elsewhere && vfsHead == ALL) || (!elsewhere && head == ALL))
ltl all_is_handed_out { <> [] (sent == ALL && handed == MARKED && TAKEN) }

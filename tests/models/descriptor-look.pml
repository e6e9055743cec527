/*
 * Looking a descriptor up without the lock of its table (docs/vfs-client.md, "Descriptors").
 *
 * What a number stands for is one word: handle and bits. Who changes the table holds its lock. An array that is too short is replaced by a longer one, which
 * is shown before its length is, and is kept. Who looks reads the length, then which array it is, then the word. x86-64 keeps stores in their order and
 * loads in theirs, and the lock is given back by a fenced exchange, so this is modelled without store buffers.
 *
 * Shown: nobody looks behind an array's end; handle and bits belong together; and what was found is what the number stood for at some moment of the look.
 *
 * Mutants (-D), each of which must fail:
 *   TWO_STORES     handle and bits are replaced one after the other
 *   LENGTH_FIRST   the length is shown before the array
 *   ARRAY_FIRST    who looks reads which array it is before the length
 *   FREED          the old array is given back, and becomes something else
 */
#define CLOSED 0

/* Slots: the old array has one, at 0; the new one two, from 1 on. */
#define FIRST(which) (which)
byte handle[3], bits[3];
byte array = 0, length = 1;

/* For the claims: what the numbers stand for, and what the one that is looked up has stood for since the look began, a bit each. */
byte current[2];
byte looked = 2, possible;

inline Stand(number, value) {
    current[number] = value;
    if
    :: looked == number -> possible = possible | (1 << value)
    :: else
    fi
}

inline Install(number, value) {
#ifdef TWO_STORES
    handle[FIRST(array) + number] = value;
    atomic { bits[FIRST(array) + number] = value; Stand(number, value) }
#else
    atomic { handle[FIRST(array) + number] = value; bits[FIRST(array) + number] = value; Stand(number, value) }
#endif
}

inline Close(number) {
    atomic { bits[FIRST(array) + number] = CLOSED; Stand(number, CLOSED) }
}

/* With the lock held all the time: others that change the table wait. */
proctype Changes() {
    Install(0, 2);
    handle[1] = handle[0];
    bits[1] = bits[0];
#ifdef LENGTH_FIRST
    length = 2;
    array = 1;
#else
    array = 1;
    length = 2;
#endif
#ifdef FREED
    atomic { handle[0] = 7; bits[0] = 7 };
#endif
    Install(1, 3);
    Close(0);
    Install(0, 4);
    Close(1)
}

proctype Looks() {
    byte number, seenLength, seenArray, found, seenBits;

    if
    :: number = 0
    :: number = 1
    fi;
    atomic { looked = number; possible = 1 << current[number] };
#ifdef ARRAY_FIRST
    seenArray = array;
    seenLength = length;
#else
    seenLength = length;
    seenArray = array;
#endif
    if
    :: number >= seenLength -> found = CLOSED
    :: else ->
        assert(number == 0 || seenArray == 1);
        atomic { found = handle[FIRST(seenArray) + number]; seenBits = bits[FIRST(seenArray) + number] };
        if
        :: seenBits == CLOSED -> found = CLOSED
        :: else -> assert(found == seenBits)
        fi
    fi;
    assert(possible & (1 << found))
}

init {
    atomic {
        handle[0] = 1;
        bits[0] = 1;
        current[0] = 1;
        run Changes();
        run Looks()
    }
}

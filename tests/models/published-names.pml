/*
 * Published names (docs/published-names.md): vfs, one thread, shows what names stand for in memory that others read. The truth is a number here, the count of
 * changes so far. It is shown in two words, as an entry and the record behind it are; 0 in either means that nothing is known.
 *
 * vfs changes the truth, takes back what it shows, and tells whoever asked for the change: the last is a store like any other. Then it may show the truth anew.
 * Each change of the words lies between two stores of the sequence, which is odd meanwhile. The stores of vfs pass through a store buffer, first in first out, as
 * on x86-64. A record that is taken back gets another generation.
 *
 * Readers look whether a change has been told of, take an even sequence, both words and the generation, and the sequence again. They keep the generation of what
 * they have found, as a program keeps its working directory.
 *
 * Shown, in every schedule: what a reader accepts was so at one moment (both words are of the same truth), it is not older than what had been told when the
 * reader began, and a generation that is the same stands for the same.
 *
 * Mutants (-D), each of which must fail:
 *   NO_ODD               the sequence is not odd while words change
 *   EVEN_EARLY           it is even again before the words are stored
 *   SAME_NUMBER          it is not another number afterwards
 *   ODD_ACCEPTED         the reader begins with an odd one
 *   NO_SECOND_LOOK       the reader does not look at it again
 *   TOLD_FIRST           whoever asked for a change is told before the words are taken back
 *   HALF_TAKEN           the record stays when the entry is taken back
 *   GENERATION_STAYS     a record that is taken back keeps its generation
 */
#define CHANGES 3
#define ROOM 3

mtype = { Sequence, Entry, Record, Generation, Told };

byte truth = 1;                                 /* known to vfs alone */
byte sequence, entry = 1, record = 1, generation, told; /* in memory */
byte count;                                     /* the sequence as vfs knows it */
byte generations;
chan buffer = [ROOM] of { mtype, byte };        /* stores of vfs that have not left its CPU */

active proctype StoreBuffer() {
    mtype where;
    byte value;
end:
    do
    :: atomic {
        buffer?where,value ->
        if
        :: where == Sequence -> sequence = value
        :: where == Entry -> entry = value
        :: where == Record -> record = value
        :: where == Generation -> generation = value
        :: where == Told -> told = value
        fi
    }
    od
}

inline Begin() {
#ifndef NO_ODD
    buffer!Sequence,count + 1
#else
    skip
#endif
}

inline End() {
#ifdef SAME_NUMBER
    buffer!Sequence,count
#else
    atomic { count = count + 2; buffer!Sequence,count }
#endif
}

inline TakeBack() {
    Begin();
#ifdef EVEN_EARLY
    End();
#endif
    buffer!Entry,0;
#ifndef HALF_TAKEN
    buffer!Record,0;
#endif
#ifndef GENERATION_STAYS
    atomic { generations++; buffer!Generation,generations };
#endif
#ifndef EVEN_EARLY
    End()
#else
    skip
#endif
}

active proctype Vfs() {
    do
    :: truth <= CHANGES ->
        truth++;
#ifdef TOLD_FIRST
        buffer!Told,truth;
        TakeBack();
#else
        TakeBack();
        buffer!Told,truth;
#endif
        if
        :: Begin(); buffer!Entry,truth;
#ifdef HALF_TAKEN
            /* the old record is believed to be the one */
            skip;
#else
            buffer!Record,truth;
#endif
            End()
        :: skip
        fi
    :: truth > CHANGES -> break
    od
}

active proctype Reader() {
    byte before, first, second, number, since;
    byte keptGeneration, kept;                  /* kept: 0, nothing */
    do
    :: atomic { since = told; before = 0; first = 0; second = 0; number = 0 }
        before = sequence;
        if
#ifndef ODD_ACCEPTED
        :: before % 2 == 1 -> goto again
        :: before % 2 == 0 -> skip
#else
        :: skip
#endif
        fi;
        first = entry;
        second = record;
        number = generation;
        atomic {
            if
#ifndef NO_SECOND_LOOK
            :: sequence != before -> skip
            :: sequence == before ->
#else
            :: true ->
#endif
                if
                :: first != 0 && second != 0 ->
                    assert(first == second);
                    assert(first >= since && first <= truth);
                    assert(kept == 0 || number != keptGeneration || second == kept);
                    kept = second;
                    keptGeneration = number
                :: else -> skip
                fi
            fi
        }
again:
        skip
    :: told > CHANGES -> break
    od
}

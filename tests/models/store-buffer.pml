/*
 * Memory of an x86-64 processor for the models that include this file (SDM vol. 3 §9.2: total store order).
 *
 * A store goes into its processor's buffer and reaches memory at some later moment, chosen by the Drain process; a load looks into the own buffer first
 * and then into memory. The only reordering that this allows is the one that the hardware has: a load may overtake an earlier store to another word.
 * One entry a processor is enough to show it, because no argument of the protocol rests on two stores being late at once: stores leave in order.
 * A fence and a locked instruction wait until the buffer is empty. So does a kernel call, which takes the kernel's lock.
 *
 * The including model defines WORDS and PROCESSORS first.
 */
byte memory[WORDS];
bool buffered[PROCESSORS];
byte bufferedWord[PROCESSORS];
byte bufferedValue[PROCESSORS];

inline Store(processor, word, value) {
    atomic {
        !buffered[processor] -> bufferedWord[processor] = word; bufferedValue[processor] = value; buffered[processor] = true
    }
}

inline Load(processor, word, result) {
    atomic {
        if
        :: buffered[processor] && bufferedWord[processor] == word -> result = bufferedValue[processor]
        :: else -> result = memory[word]
        fi
    }
}

inline Fence(processor) {
    !buffered[processor]
}

inline Exchange(processor, word, value, result) {
    atomic {
        !buffered[processor] -> result = memory[word]; memory[word] = value
    }
}

proctype Drain(byte processor) {
end:
    do
    :: atomic {
           buffered[processor] -> memory[bufferedWord[processor]] = bufferedValue[processor];
           bufferedWord[processor] = 0; bufferedValue[processor] = 0; buffered[processor] = false
       }
    od
}

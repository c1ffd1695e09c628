/* The functions of the C library that the libraries call, made to fail one by one, and what they gave
 * counted.
 *
 * The tests here link copies of the libraries in which every such call goes to fault_NAME instead of NAME
 * (imports.txt has the list, CMakeLists.txt makes the copies): the test's own calls, cmocka's and the fake
 * driver's go where they always went. */
#ifndef VFA_TEST_FAULT_H
#define VFA_TEST_FAULT_H

#include <stdbool.h>

/* From now on the n-th call fails (from 1; 0: none does), and with `on` all after it. */
void fault_arm(long n, bool on);

/* Calls that fail do so in this manner: with the first, second or third of their errors. */
#define FAULT_MANNERS 3
void fault_in_manner(int manner);

/* From now on every n-th call fails, whichever thread makes it. */
void fault_arm_every(long n);

/* No call fails any more. How many were made since fault_arm. */
long fault_disarm(void);

/* The function whose call failed first since fault_arm; NULL: none did. */
const char *fault_hit(void);

/* Whether a call of the function has failed since the program began. */
bool fault_met(const char *name);

/* A call of something else that may fail, such as a memory manager of the test: counted with the others.
 * Whether it is to fail. */
bool fault_meets(const char *name);

/* What the libraries have of the C library now. */
struct fault_live {
    long blocks;       /* of the heap */
    long mapped_bytes; /* that they mapped themselves */
    long locks;        /* mutexes, conditions and their attributes */
};
struct fault_live fault_live(void);

/* Whether this thread, since it last asked, was interrupted in a request to the kernel that is to be made
 * once more then, and did not make it. */
bool fault_gave_up(void);

/* How many files were closed that were not open, since it was last asked. */
long fault_bad_closes(void);

/* Mutexes of the libraries that this thread has locked now. */
int fault_locks_held(void);

/* A path that is opened and asked for instead of any that begins with `prefix`. NULL: none is. */
void fault_redirect(const char *prefix, const char *instead);

#endif

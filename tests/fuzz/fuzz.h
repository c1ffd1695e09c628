/* What the fuzz harnesses share: an input that is read like a tape, and checks that end the program.
 *
 * A harness is one file with LLVMFuzzerTestOneInput. Clang's libFuzzer drives it where it is built with
 * VFA_BUILD_FUZZ; else replay.c does, over the inputs of tests/fuzz/corpus. */
#ifndef VFA_TEST_FUZZ_H
#define VFA_TEST_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vpl/mfxvideo.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Bytes not read yet; past the end there are zeros. */
struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

static inline void fuzz_take(struct fuzz_input *in, void *to, size_t bytes)
{
    size_t there = bytes < in->left ? bytes : in->left;
    if (there)
        memcpy(to, in->at, there);
    if (bytes > there)
        memset((uint8_t *)to + there, 0, bytes - there);
    in->at += there;
    in->left -= there;
}

static inline uint8_t fuzz_u8(struct fuzz_input *in)
{
    uint8_t value;
    fuzz_take(in, &value, sizeof value);
    return value;
}

static inline uint16_t fuzz_u16(struct fuzz_input *in)
{
    uint16_t value;
    fuzz_take(in, &value, sizeof value);
    return value;
}

static inline uint32_t fuzz_u32(struct fuzz_input *in)
{
    uint32_t value;
    fuzz_take(in, &value, sizeof value);
    return value;
}

static inline uint64_t fuzz_u64(struct fuzz_input *in)
{
    uint64_t value;
    fuzz_take(in, &value, sizeof value);
    return value;
}

/* From 0 to count - 1; `count` at most 256. */
static inline unsigned int fuzz_below(struct fuzz_input *in, unsigned int count)
{
    return fuzz_u8(in) % count;
}

/* One element of an array of numbers. */
#define FUZZ_PICK(in, array) ((array)[fuzz_below(in, (unsigned int)(sizeof(array) / sizeof((array)[0])))])

#define FUZZ_CHECK(condition)                                                         \
    do {                                                                              \
        if (!(condition)) {                                                           \
            dprintf(2, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                  \
        }                                                                             \
    } while (0)

/* Two numbers that are to be the same, shown when they are not. */
#define FUZZ_SAME(got, wanted)                                                                            \
    do {                                                                                                  \
        long long fuzz_got = (long long)(got), fuzz_wanted = (long long)(wanted);                         \
        if (fuzz_got != fuzz_wanted) {                                                                    \
            dprintf(2, "%s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #got, fuzz_got, fuzz_wanted); \
            abort();                                                                                      \
        }                                                                                                 \
    } while (0)

#endif

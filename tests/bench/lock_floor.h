/* The least that a Lock and an Unlock of a frame that is always mapped can take: nothing is looked up and no
 * handle is looked at. */
#ifndef BENCH_LOCK_FLOOR_H
#define BENCH_LOCK_FLOOR_H

/* So many pairs of compare-and-swaps on the counters of `frames` frames, up to 256, one after another: one
 * takes a lock, one gives it back. `writes`: they are called as Lock and Unlock are, by pointer, with what
 * these have to write to mfxFrameData. The calls that failed: none. */
int run_lock_floor(int calls, int frames, int writes);

#endif

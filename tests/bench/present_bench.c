/* Would it pay to make the pages of a frame set present on several threads? The memory of 20 4K NV12 frames,
 * as VFA_FRAME_MEMORY_PRESENT makes it present, by one thread and by two that take half each, in huge pages
 * and in small ones. Both take turns within each round; ratios are of one round's figures. */
#include "figures.h"
#include "summary.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE /* of Linux 5.14 */
#define MADV_POPULATE_WRITE 23
#endif

#define ROUNDS    21
#define HUGE_PAGE ((size_t)2 << 20)
#define BYTES     (((size_t)3840 * 2176 * 3 / 2 * 20 + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE)

static struct figures *figures;

struct part {
    char *at;
    size_t bytes;
    int failed;
};

static void *make_present(void *context)
{
    struct part *part = context;
    part->failed = madvise(part->at, part->bytes, MADV_POPULATE_WRITE);
    return NULL;
}

/* The time, or a negative number. */
static double time_parts(char *base, bool two)
{
    size_t half = BYTES / 2 / HUGE_PAGE * HUGE_PAGE;
    struct part first = {base, two ? half : BYTES, 0}, second = {base + half, BYTES - half, 0};
    pthread_t thread;
    double start = now_ns();
    if (two && pthread_create(&thread, NULL, make_present, &second))
        return -1;
    make_present(&first);
    if (two)
        pthread_join(thread, NULL);
    return first.failed || second.failed ? -1 : (now_ns() - start) / 1e6;
}

static double time_mapping(bool huge, bool two)
{
    char *map = mmap(NULL, BYTES + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED)
        return -1;
    char *base = map + (-(size_t)map & (HUGE_PAGE - 1));
    (void)madvise(base, BYTES, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE); /* refused, it is what it is */
    double took = time_parts(base, two);
    munmap(map, BYTES + HUGE_PAGE);
    return took;
}

static int measure(bool huge)
{
    double one[ROUNDS], two[ROUNDS], ratio[ROUNDS];
    for (int round = -1; round < ROUNDS; round++) { /* the first warms up */
        int at = round < 0 ? 0 : round;
        one[at] = time_mapping(huge, false);
        two[at] = time_mapping(huge, true);
        if (one[at] < 0 || two[at] < 0)
            return 1;
        ratio[at] = two[at] / one[at];
    }
    figures_add(figures,
                &(struct figure){huge ? "huge_one" : "small_one",
                                 huge ? "huge pages, one thread" : "small pages, one thread", "ms", 0},
                one, ROUNDS);
    figures_add(figures,
                &(struct figure){huge ? "huge_two" : "small_two",
                                 huge ? "huge pages, two threads" : "small pages, two threads", "ms", 0},
                two, ROUNDS);
    figures_add_ratio(figures, huge ? "huge_two_of_one" : "small_two_of_one",
                      huge ? "huge pages, two threads of one" : "small pages, two threads of one", two, one,
                      ROUNDS);
    struct summary by_one = summarise(one, ROUNDS), by_two = summarise(two, ROUNDS),
                   relative = summarise(ratio, ROUNDS);
    printf("  %-12s one thread %6.1f ms (%.1f to %.1f), two %6.1f ms (%.1f to %.1f): %.2f of one's (%.2f to "
           "%.2f), of the least times %.2f\n",
           huge ? "huge pages" : "small pages", by_one.median, by_one.lowest, by_one.highest, by_two.median,
           by_two.lowest, by_two.highest, relative.median, relative.lowest, relative.highest,
           by_two.lowest / by_one.lowest);
    return 0;
}

int main(void)
{
    figures = figures_open("present");
    if (!figures)
        return 1;
    printf("%.0f MB made present; medians (lowest to highest) of %d rounds\n", (double)BYTES / 1e6, ROUNDS);
    int measured = !measure(true) && !measure(false);
    if (!measured)
        puts("  not measured: the system has no MADV_POPULATE_WRITE, or no memory or thread for this");
    return figures_close(figures, measured) ? 1 : 0;
}

/* Taking a surface and giving it back, beside FFmpeg's AVBufferPool and GStreamer's GstVideoBufferPool: pools
 * of several sizes on one thread, with one surface out and with all but one out, and one, two and four
 * threads on one pool. Ours with tags. All contestants take turns within each round; ratios are of one
 * round's figures. */
#include "figures.h"
#include "peers.h"
#include "summary.h"

#include <gst/gst.h>
#include <libavutil/avutil.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS       31
#define CALLS        50000
#define THREADED     100000 /* of all threads together */
#define MOST_THREADS 4
#define LARGEST_SIZE 4096

static const unsigned int sizes[] = {8, 64, 65, 256, 1024, 4096};
#define SIZES (sizeof sizes / sizeof *sizes)

static struct vfa_allocator *allocator;
static struct figures *figures;

/* The values of one comparison, by round. */
struct rounds {
    double of[MAKERS][ROUNDS];
};

/* The figures are `what`_MAKER_`number` and `what`_of_MAKER_`number`; `what` may end in a number itself. */
static void keep(const struct rounds *r, const char *what, unsigned int number, const char *text,
                 size_t calls)
{
    char name[64], words[160];
    for (int maker = 0; maker < MAKERS; maker++) {
        (void)snprintf(name, sizeof name, "%s_%s_%u", what, maker_word[maker], number);
        (void)snprintf(words, sizeof words, "%s, %s", maker_name[maker], text);
        figures_add(figures, &(struct figure){name, words, "ns", calls}, r->of[maker], ROUNDS);
    }
    for (int maker = 0; maker < OURS; maker++) {
        (void)snprintf(name, sizeof name, "%s_of_%s_%u", what, maker_word[maker], number);
        (void)snprintf(words, sizeof words, "vfa_pool's time of %s's, %s", maker_name[maker], text);
        figures_add_ratio(figures, name, words, r->of[OURS], r->of[maker], ROUNDS);
    }
}

static void print_rounds(const char *what, const struct rounds *r)
{
    struct rounds sorted = *r;
    printf("  %-22s", what);
    for (int maker = 0; maker < MAKERS; maker++) {
        struct summary s = summarise(sorted.of[maker], ROUNDS);
        printf("  %9.1f (%6.1f)", s.median, s.lowest);
    }
    printf("     %.2f      %.2f\n", summarise_ratio(r->of[OURS], r->of[LIBAV], ROUNDS).median,
           summarise_ratio(r->of[OURS], r->of[GSTREAMER], ROUNDS).median);
}

static void print_head(const char *title)
{
    printf("%s\n  %-22s", title, "");
    for (int maker = 0; maker < MAKERS; maker++)
        printf("  %18s", maker_name[maker]);
    printf("   of AV    of Gst\n");
}

/* With `out` elements of each pool held meanwhile. */
static int measure(unsigned int count, unsigned int out, struct rounds *r)
{
    static void *held[MAKERS][LARGEST_SIZE];
    struct bench_pool pools[MAKERS];
    int failed = 0;
    for (int maker = 0; maker < MAKERS; maker++) {
        failed += !open_pool(&pools[maker], (enum maker)maker, allocator, count);
        for (unsigned int i = 0; i < out && !failed; i++)
            failed += !(held[maker][i] = take(&pools[maker]));
    }
    for (int round = -1; round < ROUNDS && !failed; round++) { /* the first warms up */
        for (int maker = 0; maker < MAKERS; maker++) {
            double start = cpu_ns();
            failed += turn(&pools[maker], CALLS);
            if (round >= 0)
                r->of[maker][round] = (cpu_ns() - start) / CALLS;
        }
    }
    for (int maker = 0; maker < MAKERS; maker++) {
        for (unsigned int i = 0; i < out && !failed; i++)
            give_back(&pools[maker], held[maker][i]);
        close_pool(&pools[maker]);
    }
    return failed;
}

static int measure_sizes(bool full)
{
    double least[SIZES], flat = 0;
    print_head(full ? "One thread, all surfaces but one out: ns, medians (minima)"
                    : "One thread, no other surface out: ns, medians (minima)");
    for (size_t i = 0; i < SIZES; i++) {
        struct rounds r;
        char what[64];
        if (measure(sizes[i], full ? sizes[i] - 1 : 0, &r))
            return 1;
        (void)snprintf(what, sizeof what, "%u surfaces", sizes[i]);
        print_rounds(what, &r);
        (void)snprintf(what, sizeof what, "pool of %u%s", sizes[i], full ? ", all others out" : "");
        keep(&r, full ? "full" : "acquire", sizes[i], what, CALLS);
        least[i] = summarise(r.of[OURS], ROUNDS).lowest;
    }
    for (size_t i = 0; i < SIZES; i++)
        for (size_t j = 0; j < SIZES; j++)
            if (sizes[i] > 64 && sizes[j] > 64 && least[i] / least[j] > flat)
                flat = least[i] / least[j];
    figures_add(
        figures,
        &(struct figure){full ? "full_flat" : "acquire_flat",
                         full ? "vfa_pool, 65 to 4096 surfaces, all others out: slowest least time of fastest"
                              : "vfa_pool, 65 to 4096 surfaces: slowest least time of fastest",
                         "ratio", 0},
        &flat, 1);
    printf("  vfa_pool, 65 to 4096 surfaces: the slowest minimum is %.2f of the fastest\n", flat);
    return 0;
}

struct runner {
    struct bench_pool *pool;
    pthread_barrier_t *start;
    int calls;
    double began, ended;
    int failed;
};

static void *run(void *arg)
{
    struct runner *r = arg;
    pthread_barrier_wait(r->start);
    r->began = now_ns();
    r->failed = turn(r->pool, r->calls);
    r->ended = now_ns();
    return NULL;
}

/* The time of one surface taken and given back, by so many threads that share the pool: from the first one's
 * begin to the last one's end, over what they did together. */
static double contend(struct bench_pool *pool, unsigned int threads, int *failed)
{
    pthread_barrier_t start;
    struct runner runners[MOST_THREADS];
    pthread_t thread[MOST_THREADS];
    pthread_barrier_init(&start, NULL, threads);
    for (unsigned int i = 0; i < threads; i++) {
        runners[i] = (struct runner){.pool = pool, .start = &start, .calls = THREADED / (int)threads};
        if (i > 0 && pthread_create(&thread[i], NULL, run, &runners[i])) {
            fputs("pool_bench: no thread could be made\n", stderr);
            exit(1);
        }
    }
    (void)run(&runners[0]);
    double began = runners[0].began, ended = runners[0].ended;
    for (unsigned int i = 0; i < threads; i++) {
        if (i > 0)
            pthread_join(thread[i], NULL);
        began = runners[i].began < began ? runners[i].began : began;
        ended = runners[i].ended > ended ? runners[i].ended : ended;
        *failed += runners[i].failed;
    }
    pthread_barrier_destroy(&start);
    return (ended - began) / THREADED;
}

static void keep_threads(const struct rounds *r, unsigned int count, unsigned int threads)
{
    char what[64], text[64];
    (void)snprintf(what, sizeof what, "shared%u", count);
    (void)snprintf(text, sizeof text, "pool of %u, %u thread%s", count, threads, threads > 1 ? "s" : "");
    keep(r, what, threads, text, THREADED);
    for (int maker = 0; maker < MAKERS; maker++) {
        double millions[ROUNDS];
        char name[64], words[128];
        for (int round = 0; round < ROUNDS; round++)
            millions[round] = 1e3 / r->of[maker][round];
        (void)snprintf(name, sizeof name, "throughput%u_%s_%u", count, maker_word[maker], threads);
        (void)snprintf(words, sizeof words, "%s, %s", maker_name[maker], text);
        figures_add(figures, &(struct figure){name, words, "million/s", THREADED}, millions, ROUNDS);
    }
}

/* No more threads than processors: with four on two, all were once seen in gst_atomic_queue_push for minutes,
 * each waiting for another's turn. */
static unsigned int most_threads(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    return processors > 0 && processors < MOST_THREADS ? (unsigned int)processors : MOST_THREADS;
}

static int measure_threads(unsigned int count)
{
    struct bench_pool pools[MAKERS];
    int failed = 0;
    for (int maker = 0; maker < MAKERS; maker++)
        failed += !open_pool(&pools[maker], (enum maker)maker, allocator, count);
    for (unsigned int threads = 1; threads <= most_threads() && !failed; threads *= 2) {
        struct rounds r;
        char what[32];
        for (int round = -1; round < ROUNDS && !failed; round++) {
            for (int maker = 0; maker < MAKERS; maker++) {
                double ns = contend(&pools[maker], threads, &failed);
                if (round >= 0)
                    r.of[maker][round] = ns;
            }
        }
        if (failed)
            break;
        (void)snprintf(what, sizeof what, "%u surfaces, %u thread%s", count, threads, threads > 1 ? "s" : "");
        print_rounds(what, &r);
        keep_threads(&r, count, threads);
    }
    for (int maker = 0; maker < MAKERS; maker++)
        close_pool(&pools[maker]);
    return failed;
}

int main(void)
{
    char *gstreamer;
    gst_init(NULL, NULL);
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* it takes a while */
    gstreamer = gst_version_string();
    figures = figures_open("pool");
    figures_library(figures, "libavutil", av_version_info());
    figures_library(figures, "GStreamer", gstreamer);
    int failed = !figures || vfa_allocator_create(&allocator, NULL) != MFX_ERR_NONE;
    if (!failed)
        failed = measure_sizes(false) || measure_sizes(true);
    if (!failed) {
        print_head("Threads on one pool: ns for each surface, medians (minima)");
        failed = measure_threads(8) || measure_threads(256);
    }
    vfa_allocator_destroy(&allocator);
    if (failed)
        fputs("pool_bench: a call failed\n", stderr);
    failed |= figures_close(figures, !failed);
    g_free(gstreamer);
    return failed ? 1 : 0;
}

/* soak SECONDS SEED CLIP...: rounds of random work in one process, for so long. Fails when an assertion does,
 * when anything is left after a round, when memory, descriptors, mappings or threads grow from round to
 * round, and when in the end, all being closed, there are more than after the first rounds. With
 * VFA_TEST_NODE, the path of a render node, VA surfaces take part. */
#include "soak.h"

#include "support.h"

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <vfa/va.h>

/* Libraries and malloc reach their working size in the first quarter of the time. The most there is in the
 * second quarter is compared with the least in the last: a driver that keeps a reserve goes up and down, a
 * leak only up. */
#define QUARTERS 4

/* What is not freed while nothing is open, with hundreds of rounds between two such moments. Without malloc's
 * stores of threads (run.sh) it is the same to the KiB; a driver may keep a block more. */
#define MOST_MORE_HEAP_KIB 16

/* malloc keeps what threads freed in heaps of its own, more or less of it from one moment to the next; a leak
 * that comes with each of thousands of rounds goes far beyond. */
#define MOST_GROWTH_KIB 4096

/* Such heaps are mappings too. */
#define MOST_MORE_MAPPINGS 64

struct size {
    long resident_kib;
    long heap_kib; /* not freed */
    long descriptors;
    long mappings;
    long threads;
};

static long entries(const char *path)
{
    long count = 0;
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static struct size measure(void)
{
    struct size size = {0};
    long pages, resident;
    struct mallinfo2 heap;
    malloc_trim(0);
    heap = mallinfo2();
    size.heap_kib = (long)((heap.uordblks + heap.hblkhd) / 1024);
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &pages, &resident), 2);
    fclose(file);
    file = fopen("/proc/self/maps", "r");
    assert_non_null(file);
    for (int c; (c = fgetc(file)) != EOF;)
        size.mappings += c == '\n';
    fclose(file);
    size.resident_kib = resident * (sysconf(_SC_PAGESIZE) / 1024);
    size.descriptors = entries("/proc/self/fd");
    size.threads = entries("/proc/self/task");
    return size;
}

unsigned soak_pick(struct soak *soak, unsigned most)
{
    soak->random += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    uint64_t z = soak->random;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (unsigned)((z ^ (z >> 31)) % most);
}

static struct vfa_allocator *new_allocator(struct soak *soak, const struct vfa_memory *manager)
{
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    struct vfa_backend backends[2];
    struct vfa_allocator *allocator;
    config.memory = manager;
    config.backend = backends;
    assert_int_equal(vfa_backend_system(NULL, &backends[config.backend_count++]), MFX_ERR_NONE);
    if (soak->va)
        assert_int_equal(vfa_va_backend(soak->va, &backends[config.backend_count++]), MFX_ERR_NONE);
    assert_int_equal(vfa_allocator_create(&allocator, &config), MFX_ERR_NONE);
    return allocator;
}

struct vfa_allocator *soak_allocator(struct soak *soak)
{
    return new_allocator(soak, &soak->manager);
}

struct vfa_allocator *soak_some_allocator(struct soak *soak)
{
    return soak_pick(soak, 2) ? soak->lasting : soak_allocator(soak);
}

void soak_end_allocator(struct soak *soak, struct vfa_allocator **allocator)
{
    struct vfa_stats stats;
    assert_int_equal(vfa_allocator_stats(*allocator, &stats), MFX_ERR_NONE);
    assert_int_equal(stats.responses_live, 0);
    assert_int_equal(stats.frames_live, 0);
    assert_int_equal(stats.frames_locked, 0);
    assert_int_equal(stats.frames_retired, 0);
    assert_int_equal(stats.frame_bytes, 0);
    if (*allocator != soak->lasting)
        vfa_allocator_destroy(allocator);
    assert_int_equal(atomic_load(&soak->memory.live_blocks), 0);
    assert_int_equal(atomic_load(&soak->memory.mismatches), 0);
    if (!soak->va)
        return;
    struct vfa_va_stats held;
    assert_int_equal(vfa_va_stats(soak->va, &held), MFX_ERR_NONE);
    assert_int_equal(held.surfaces + held.images + held.buffers + held.mappings + held.fds, 0);
    assert_int_equal(held.driver_errors, 0);
}

static void open_device(struct soak *soak)
{
    struct vfa_va_config config = vfa_va_config_defaults();
    struct vfa_error error;
    config.device = getenv("VFA_TEST_NODE");
    if (config.device && vfa_va_create(&soak->va, &config, &error) != MFX_ERR_NONE)
        fail_msg("%s", error.text);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void keep(long *kept, long now, bool most, bool is_first)
{
    if (is_first || (most ? now > *kept : now < *kept))
        *kept = now;
}

/* Rounds until `end`; their number. *size: the most, or the least, that was seen meanwhile. */
static unsigned long work(struct soak *soak, double end, bool most, struct size *size)
{
    static void (*const rounds[])(struct soak *) = {soak_frames, soak_pool, soak_frames, soak_pool,
                                                    soak_decode};
    unsigned long count = 0;
    do {
        rounds[soak_pick(soak, sizeof rounds / sizeof *rounds)](soak);
        struct size now = measure();
        keep(&size->resident_kib, now.resident_kib, most, count == 0);
        keep(&size->descriptors, now.descriptors, most, count == 0);
        keep(&size->mappings, now.mappings, most, count == 0);
        keep(&size->threads, now.threads, most, count == 0);
        count++;
    } while (seconds() < end);
    return count;
}

static bool report(const char *name, long first, long last, long allowed)
{
    printf("%s: %ld, then %ld\n", name, first, last);
    return last - first <= allowed;
}

static int the_argc;
static char **the_argv;

/* Whether the allocator's book grew by more than what it writes of one frame. */
static bool grows_by_a_frame(struct vfa_allocator *allocator, mfxFrameAllocResponse *response)
{
    enum {
        MOST_OF_A_FRAME = 4096
    };
    mfxFrameAllocRequest request;
    struct vfa_stats before, after;
    memset(&request, 0, sizeof request);
    request.Info.FourCC = MFX_FOURCC_NV12;
    request.Info.ChromaFormat = MFX_CHROMAFORMAT_YUV420;
    request.Info.Width = request.Info.Height = 16;
    request.NumFrameMin = request.NumFrameSuggested = 1;
    request.Type = MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_VPPOUT | MFX_MEMTYPE_SYSTEM_MEMORY;
    assert_int_equal(vfa_allocator_stats(allocator, &before), MFX_ERR_NONE);
    assert_int_equal(vfa_frames_alloc(allocator, &request, 0, response), MFX_ERR_NONE);
    assert_int_equal(vfa_allocator_stats(allocator, &after), MFX_ERR_NONE);
    return after.book_bytes > before.book_bytes + MOST_OF_A_FRAME;
}

/* A slot that was lost is not there for a frame: as many fit into an old allocator's slots as into those of a
 * new one. */
static void check_slots(struct soak *soak)
{
    enum {
        MOST_FRAMES = 4096
    };
    static mfxFrameAllocResponse old[MOST_FRAMES], new[MOST_FRAMES];
    struct vfa_allocator *allocator = soak_allocator(soak);
    unsigned count = 0;
    while (count < MOST_FRAMES - 1 && !grows_by_a_frame(soak->lasting, &old[count]))
        count++;
    for (unsigned i = 0; i < count; i++)
        (void)grows_by_a_frame(allocator, &new[i]);
    if (!grows_by_a_frame(allocator, &new[count]))
        fail_msg("slots were lost: an old allocator has room for %u frames, a new one for more", count);
    for (unsigned i = 0; i <= count; i++) {
        assert_int_equal(vfa_frames_free(soak->lasting, &old[i]), MFX_ERR_NONE);
        assert_int_equal(vfa_frames_free(allocator, &new[i]), MFX_ERR_NONE);
    }
    soak_end_allocator(soak, &allocator);
}

/* What the rounds work on. */
static void begin(struct soak *soak)
{
    open_device(soak);
    runtime_open(soak->runtime);
    struct vfa_memory manager = test_memory_manager(&soak->lasting_memory);
    soak->lasting = new_allocator(soak, &manager);
}

/* Nothing is open then. */
static void end(struct soak *soak)
{
    check_slots(soak);
    soak_end_allocator(soak, &soak->lasting);
    vfa_allocator_destroy(&soak->lasting);
    assert_int_equal(atomic_load(&soak->lasting_memory.live_blocks), 0);
    assert_int_equal(atomic_load(&soak->lasting_memory.mismatches), 0);
    runtime_close(soak->runtime);
    vfa_va_destroy(&soak->va);
}

/* Libraries have what they keep for good after some rounds of each kind. */
static void warm_up(struct soak *soak)
{
    for (int times = 0; times < 2; times++) {
        begin(soak);
        soak_frames(soak);
        soak_pool(soak);
        soak_decode(soak);
        end(soak);
    }
}

static void work_on(struct soak *soak, double length, struct size *first, struct size *last)
{
    double start = seconds();
    unsigned long count = work(soak, start + length / QUARTERS, true, first);
    count += work(soak, start + 2 * length / QUARTERS, true, first);
    count += work(soak, start + 3 * length / QUARTERS, false, last);
    count += work(soak, start + length, false, last);
    printf("FIGURE soak_rounds %lu\n", count);
}

static void a_process_that_lives_long_does_not_grow(void **state)
{
    (void)state;
    struct runtime runtime;
    struct soak soak = {.random = strtoull(the_argv[2], NULL, 10),
                        .runtime = &runtime,
                        .clips = the_argv + 3,
                        .clip_count = (unsigned)the_argc - 3};
    struct size first, last, before, after;
    soak.manager = test_memory_manager(&soak.memory);
    warm_up(&soak);
    before = measure();
    begin(&soak);
    work_on(&soak, strtod(the_argv[1], NULL), &first, &last);
    end(&soak);
    after = measure();
    bool good = report("resident KiB", first.resident_kib, last.resident_kib, MOST_GROWTH_KIB);
    good = report("descriptors", first.descriptors, last.descriptors, 0) && good;
    good = report("threads", first.threads, last.threads, 0) && good;
    good = report("mappings", first.mappings, last.mappings, MOST_MORE_MAPPINGS) && good;
    good = report("KiB not freed, all closed", before.heap_kib, after.heap_kib, MOST_MORE_HEAP_KIB) && good;
    good = report("descriptors, all closed", before.descriptors, after.descriptors, 0) && good;
    good = report("threads, all closed", before.threads, after.threads, 0) && good;
    printf("FIGURE soak_rss_growth_kib %ld\nFIGURE soak_heap_growth_kib %ld\nFIGURE soak_fd_growth %ld\n"
           "FIGURE soak_mapping_growth %ld\n",
           last.resident_kib - first.resident_kib, after.heap_kib - before.heap_kib,
           after.descriptors - before.descriptors, last.mappings - first.mappings);
    assert_true(good);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_process_that_lives_long_does_not_grow)};
    if (argc < 4) {
        fprintf(stderr, "usage: soak SECONDS SEED CLIP...\n");
        return 2;
    }
    the_argc = argc;
    the_argv = argv;
    return cmocka_run_group_tests(tests, NULL, NULL);
}

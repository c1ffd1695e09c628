/* Eight threads, each of which opens a session of the software runtime, has it decode, filter and encode for
 * a while on frames of some kind, joins it to another thread's, resets it, closes it in the middle of its
 * work or after it, and begins anew; frames of the runtime's own go from session to session.
 *
 *   sessions_storm SECONDS [SEED]
 *
 * The runtime is linked in, and is instrumented as this program is. */
#include "storm.h"

#include <dirent.h>
#include <libavutil/log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What threads show one another: their sessions, and frames left for whoever finds them. */
static _Atomic(mfxSession) shown[STORM_THREADS];
static pthread_mutex_t left_lock = PTHREAD_MUTEX_INITIALIZER;
static struct storm_frame left[STORM_THREADS];

static atomic_bool over;

unsigned storm_pick(struct storm_worker *w, unsigned most)
{
    w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(w->random >> 33) % most;
}

void storm_wrong(struct storm_worker *w, const char *file, int line, const char *what, long long value)
{
    if (w->wrong++ < 8)
        (void)fprintf(stderr, "%s:%d: thread %u, life %u: does not hold: %s (%lld)\n", file, line, w->number,
                      w->lives, what, value);
}

/* --- sessions */

static mfxSession open_session(struct storm_worker *w)
{
    static const mfxU16 threads[] = {1, 2};
    mfxExtThreadsParam buffer = {.Header = {MFX_EXTBUFF_THREADS_PARAM, sizeof(buffer)},
                                 .NumThread = threads[storm_pick(w, 2)]};
    mfxExtBuffer *list[1] = {&buffer.Header};
    mfxSession session = NULL;
    mfxStatus status;

    if (storm_pick(w, 4)) {
        mfxInitializationParam par = {
            .AccelerationMode = MFX_ACCEL_MODE_NA, .NumExtParam = 1, .ExtParam = list};
        status = MFXInitialize(par, &session);
    } else {
        mfxInitParam par = {.Implementation = MFX_IMPL_SOFTWARE, .NumExtParam = 1, .ExtParam = list};
        status = MFXInitEx(par, &session);
    }
    STORM_EXPECT(w, status == MFX_ERR_NONE && session, status);
    return session;
}

/* To a session of another thread, which may be closing at this moment; or away from it. */
static void join_or_part(struct storm_worker *w)
{
    mfxSession parent = atomic_load(&shown[storm_pick(w, STORM_THREADS)]);
    mfxStatus status;

    if (storm_pick(w, 2)) /* else it may be refused, and may be taken */
        storm_finish_all(w);
    if (storm_pick(w, 2)) {
        status = MFXJoinSession(parent, w->life.session);
        STORM_EXPECT(w,
                     status == MFX_ERR_NONE || status == MFX_ERR_UNSUPPORTED ||
                         status == MFX_ERR_INVALID_HANDLE || status == MFX_WRN_IN_EXECUTION,
                     status);
        w->joins += status == MFX_ERR_NONE;
    } else {
        status = MFXDisjoinSession(w->life.session);
        STORM_EXPECT(w,
                     status == MFX_ERR_NONE || status == MFX_ERR_UNDEFINED_BEHAVIOR ||
                         status == MFX_WRN_IN_EXECUTION,
                     status);
    }
    for (size_t i = 0; status == MFX_ERR_NONE && i < w->life.num_pending; i++) {
        struct storm_frame *frame = &w->life.pending[i];

        frame->sync = NULL; /* of what was before, and finished, or aborted by a Reset */
        frame->untold = w->life.cut && !frame->surface->FrameInterface;
    }
}

/* Others may still be joined to it: they part, or end, before long. */
static void close_session(struct storm_worker *w, mfxSession session)
{
    const struct timespec ms = {.tv_nsec = 1000000};
    mfxStatus status;

    while ((status = MFXClose(session)) == MFX_ERR_UNDEFINED_BEHAVIOR)
        (void)nanosleep(&ms, NULL);
    STORM_EXPECT(w, status == MFX_ERR_NONE, status);
}

static void begin_life(struct storm_worker *w)
{
    struct storm_life *life = &w->life;

    memset(life, 0, sizeof(*life));
    life->session = open_session(w);
    life->memory = (enum storm_memory)storm_pick(w, STORM_MEMORIES);
    if (storm_pick(w, 5) == 0) {
        life->base = life->session;
        mfxStatus status = MFXCloneSession(life->base, &life->session);
        STORM_EXPECT(w, status == MFX_ERR_NONE, status);
    }
    if (life->memory == STORM_MID) {
        mfxStatus status = vfa_allocator_create(&life->allocator, NULL);

        STORM_EXPECT(w, status == MFX_ERR_NONE, status);
        status = MFXVideoCORE_SetFrameAllocator(life->session, vfa_allocator_mfx(life->allocator));
        STORM_EXPECT(w, status == MFX_ERR_NONE, status);
    }
    if (!life->base)
        atomic_store(&shown[w->number], life->session);
}

/* With what is still in flight, unless the life came to its end. */
static void end_life(struct storm_worker *w)
{
    struct storm_life *life = &w->life;

    life->cut = true;
    atomic_store(&shown[w->number], NULL);
    if (storm_pick(w, 2))
        storm_finish_all(w);
    if (life->decoding && storm_pick(w, 2))
        storm_close_decoder(w);
    if (life->encoding && storm_pick(w, 2))
        STORM_EXPECT(w, MFXVideoENCODE_Close(life->session) == MFX_ERR_NONE, 0);
    if (life->filtering && storm_pick(w, 2))
        STORM_EXPECT(w, MFXVideoVPP_Close(life->session) == MFX_ERR_NONE, 0);
    w->cancelled += life->num_pending > 0;
    if (life->memory == STORM_MID || storm_pick(w, 2))
        storm_finish_all(w);
    close_session(w, life->session);
    if (life->base)
        close_session(w, life->base);
    for (size_t i = 0; i < life->num_pending; i++) {
        life->pending[i].sync = NULL; /* there is no session to ask any more */
        life->pending[i].untold = !life->pending[i].surface->FrameInterface;
    }
    storm_finish_all(w);
    storm_frames_end(w, &life->decoded);
    storm_frames_end(w, &life->painted);
    storm_frames_end(w, &life->filtered);
    if (life->allocator) {
        struct vfa_stats stats;
        mfxStatus status = vfa_allocator_stats(life->allocator, &stats);

        STORM_EXPECT(w, status == MFX_ERR_NONE && !stats.responses_live && !stats.frames_locked, status);
        vfa_allocator_destroy(&life->allocator);
    }
}

/* --- work */

/* A frame of the runtime's own changes hands. */
static void swap(struct storm_worker *w, struct storm_frame *frame)
{
    struct storm_frame *place = &left[storm_pick(w, STORM_THREADS)];
    struct storm_frame mine = *frame;

    if (w->life.memory != STORM_OWN || storm_pick(w, 4))
        return;
    mine.sync = NULL; /* known to this session alone */
    mine.foreign = true;
    pthread_mutex_lock(&left_lock);
    *frame = *place;
    *place = mine;
    pthread_mutex_unlock(&left_lock);
    frame->session = w->life.session;
    w->life.cut = true; /* as that of the other session may be */
}

static bool source(struct storm_worker *w, struct storm_frame *frame)
{
    if (w->life.decoding)
        return storm_decode(w, frame);
    return storm_paint_frame(w, frame);
}

static void one_frame(struct storm_worker *w)
{
    struct storm_frame frame = {.surface = NULL}, filtered = {.surface = NULL};

    if (!source(w, &frame))
        return;
    if (w->life.filtering) {
        if (storm_filter(w, &frame, &filtered)) {
            storm_hold(w, &frame);
            frame = filtered;
        }
        swap(w, &frame);
    }
    if (!frame.surface) /* there was none to swap with */
        return;
    if (w->life.encoding)
        storm_encode(w, &frame);
    storm_hold(w, &frame);
}

static void something_else(struct storm_worker *w)
{
    mfxHDL hdl = NULL;
    mfxPriority priority;

    switch (storm_pick(w, 16)) {
    case 0:
        storm_reset_something(w);
        break;
    case 1:
        join_or_part(w);
        break;
    case 2:
        (void)MFXVideoCORE_SetHandle(w->life.session, MFX_HANDLE_VA_CONTEXT_ID, w);
        (void)MFXVideoCORE_GetHandle(w->life.session, MFX_HANDLE_VA_CONTEXT_ID, &hdl);
        STORM_EXPECT(w, hdl == w, 0);
        break;
    case 3:
        STORM_EXPECT(w, MFXSetPriority(w->life.session, MFX_PRIORITY_HIGH) == MFX_ERR_NONE, 0);
        STORM_EXPECT(w, MFXGetPriority(w->life.session, &priority) == MFX_ERR_NONE, 0);
        break;
    case 4:
        storm_finish_all(w);
        break;
    case 5:
        if (w->life.encoding)
            storm_encode(w, NULL);
        break;
    default:
        break;
    }
}

static void live(struct storm_worker *w)
{
    static const mfxU32 codecs[] = {MFX_CODEC_JPEG, MFX_CODEC_AVC};
    unsigned frames = storm_pick(w, 60);

    begin_life(w);
    if (storm_pick(w, 2))
        join_or_part(w);
    if (storm_pick(w, 3))
        storm_begin_decoder(w);
    if (storm_pick(w, 2) || !w->life.decoding)
        storm_begin_filter(w);
    if (storm_pick(w, 2))
        storm_begin_encoder(w, codecs[storm_pick(w, 2)]);
    for (unsigned i = 0; i < frames && !w->wrong; i++) {
        one_frame(w);
        something_else(w);
    }
    end_life(w);
    w->lives++;
}

static void *work(void *arg)
{
    struct storm_worker *w = arg;

    while (!atomic_load(&over) && !w->wrong)
        live(w);
    return NULL;
}

/* --- the streams that are decoded: of the worker's level, by the runtime's own encoders */

static void append(struct storm_worker *w, struct storm_stream *stream, mfxFrameSurface1 *surface)
{
    mfxStatus status;

    do {
        mfxBitstream bits = {.Data = stream->bytes + stream->size,
                             .MaxLength = (mfxU32)sizeof(stream->bytes) - stream->size};
        mfxSyncPoint sync = NULL;
        const struct timespec ms = {.tv_nsec = 1000000};

        status = MFXVideoENCODE_EncodeFrameAsync(w->life.session, NULL, surface, &bits, &sync);
        stream->size += bits.DataLength;
        if (status == MFX_WRN_DEVICE_BUSY)
            (void)nanosleep(&ms, NULL);
    } while (status == MFX_WRN_DEVICE_BUSY || (!surface && status == MFX_ERR_NONE));
    STORM_EXPECT(w, status == MFX_ERR_NONE || status == MFX_ERR_MORE_DATA, status);
}

static void make_stream(struct storm_worker *w, struct storm_stream *stream, mfxU32 codec)
{
    enum {
        FRAMES = 9
    };

    memset(&w->life, 0, sizeof(w->life));
    w->life.session = open_session(w);
    stream->codec = codec;
    storm_begin_encoder(w, codec);
    for (int i = 0; i < FRAMES; i++) {
        struct storm_frame frame = {.surface = NULL};

        if (!storm_paint_frame(w, &frame))
            break;
        append(w, stream, frame.surface);
        storm_finish(w, &frame);
    }
    append(w, stream, NULL);
    close_session(w, w->life.session);
    w->frames = 0;
}

/* --- the whole */

static int count_threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    int count = 0;

    if (!tasks)
        return 1;
    for (struct dirent *entry = readdir(tasks); entry; entry = readdir(tasks))
        count += entry->d_name[0] != '.';
    closedir(tasks);
    return count;
}

static void begin(struct storm_worker *w, unsigned number, uint64_t seed)
{
    struct storm_stream *streams = calloc(2, sizeof(*streams));

    if (!streams)
        abort();
    *w = (struct storm_worker){
        .number = number, .random = seed * 64 + number + 1, .level = (uint8_t)(40 + 24 * number)};
    make_stream(w, &streams[0], MFX_CODEC_JPEG);
    make_stream(w, &streams[1], MFX_CODEC_AVC);
    w->streams = streams;
    w->stream_count = 2;
}

static unsigned long sum(const struct storm_worker *workers, size_t at)
{
    unsigned long total = 0;

    for (unsigned i = 0; i < STORM_THREADS; i++)
        total += *(const unsigned *)(const void *)((const char *)&workers[i] + at);
    return total;
}

static int report(struct storm_worker *workers, int threads_before)
{
    unsigned long wrong = sum(workers, offsetof(struct storm_worker, wrong));
    unsigned long lives = sum(workers, offsetof(struct storm_worker, lives));
    unsigned long frames = sum(workers, offsetof(struct storm_worker, frames));
    int threads = count_threads();

    for (unsigned i = 0; i < STORM_THREADS; i++) {
        if (left[i].surface)
            wrong += left[i].surface->FrameInterface->Release(left[i].surface) != MFX_ERR_NONE;
        free((void *)(uintptr_t)workers[i].streams);
    }
    printf("FIGURE storm_sessions %lu\nFIGURE storm_frames %lu\nFIGURE storm_pictures %lu\n", lives, frames,
           sum(workers, offsetof(struct storm_worker, pictures)));
    printf("FIGURE storm_joins %lu\nFIGURE storm_cancelled %lu\n",
           sum(workers, offsetof(struct storm_worker, joins)),
           sum(workers, offsetof(struct storm_worker, cancelled)));
    if (threads > threads_before)
        printf("%d threads are left, there were %d\n", threads, threads_before);
    return wrong || threads > threads_before || lives < STORM_THREADS || !frames;
}

int main(int argc, char **argv)
{
    static struct storm_worker workers[STORM_THREADS];
    unsigned long seconds = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    unsigned long seed = argc > 2 ? strtoul(argv[2], NULL, 10) : (unsigned long)time(NULL) % 1000000;
    struct timespec length = {.tv_sec = (time_t)seconds};
    int threads;

    if (!seconds || argc > 3) {
        (void)fprintf(stderr, "usage: sessions_storm SECONDS [SEED]\n");
        return 2;
    }
    printf("seed: %lu\n", seed);
    (void)fflush(stdout);
    av_log_set_level(AV_LOG_QUIET);
    for (unsigned i = 0; i < STORM_THREADS; i++)
        begin(&workers[i], i, seed);
    threads = count_threads();
    for (unsigned i = 0; i < STORM_THREADS; i++)
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
            abort();
    (void)nanosleep(&length, NULL);
    atomic_store(&over, true);
    for (unsigned i = 0; i < STORM_THREADS; i++)
        (void)pthread_join(workers[i].thread, NULL);
    return report(workers, threads);
}

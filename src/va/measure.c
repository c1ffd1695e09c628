/* What each way into a surface costs, and which is taken: a map, every byte touched once, and the unmap. */
#include "va/scratch.h"

#include "base/clock.h"

#include <string.h>

/* Measured maps of one way and direction, after a first one that is only looked at. */
#define ROUNDS     5
#define ROUNDS_MIN 2

/* A way this many times slower than the best is not measured further. */
#define HOPELESS 2

/* Beyond the least number of rounds, measuring one format stops when this has passed. */
#define BUDGET_NS (30 * VFA__NS_PER_MS)

static const mfxU32 flags_of[VFA_VA_DIRECTIONS] = {MFX_MAP_READ, MFX_MAP_WRITE, MFX_MAP_READ_WRITE};
static const enum vfa__va_use use_of[VFA_VA_DIRECTIONS] = {VFA__VA_READ_ALL, VFA__VA_WRITE_ALL,
                                                           VFA__VA_READ_WRITE_ALL};

/* One way's measurements so far. */
struct samples {
    bool out;         /* not fit, or failed twice in a row, or hopeless */
    bool failed;      /* the last time */
    uint64_t best_ns; /* 0: none yet */
};

static void time_one(struct vfa__va_scratch *s, enum vfa_va_way way, enum vfa_va_direction direction,
                     struct samples *samples)
{
    uint64_t start = vfa__now_ns();
    mfxStatus status = vfa__va_scratch_map(s, way, flags_of[direction], use_of[direction], 0, NULL);
    uint64_t ns = vfa__now_ns() - start;
    if (status == MFX_ERR_NONE) {
        if (!samples->best_ns || ns < samples->best_ns)
            samples->best_ns = ns ? ns : 1;
        samples->failed = false;
        return;
    }
    if (samples->failed) {
        samples->out = true;
        samples->best_ns = 0;
        vfa__va_second_failure(s, status);
    }
    samples->failed = true;
}

/* The first map of a way is only looked at. */
static void look_at(struct vfa__va_scratch *s, enum vfa_va_way way, enum vfa_va_direction direction,
                    struct samples *samples)
{
    samples->out = !vfa__va_is_fit(s, way);
    if (samples->out)
        return;
    time_one(s, way, direction, samples);
    samples->best_ns = 0;
}

static void drop_hopeless(struct samples *samples)
{
    uint64_t best = UINT64_MAX;
    for (size_t w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++)
        if (!samples[w].out && samples[w].best_ns && samples[w].best_ns < best)
            best = samples[w].best_ns;
    for (size_t w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++)
        if (!samples[w].out && samples[w].best_ns / HOPELESS > best)
            samples[w].out = true;
}

/* The ways in turn, round by round, so that a machine that gets slower meanwhile does so for all; and of each
 * the best: what interrupts a measurement only ever makes it longer. */
static void measure(struct vfa__va_scratch *s, enum vfa_va_direction direction, uint64_t deadline_ns)
{
    struct samples samples[VFA_VA_WAYS];
    memset(samples, 0, sizeof samples);
    for (unsigned int w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++)
        look_at(s, (enum vfa_va_way)w, direction, &samples[w]);
    for (size_t round = 0; round < ROUNDS && (round < ROUNDS_MIN || vfa__now_ns() < deadline_ns); round++) {
        for (unsigned int w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++)
            if (!samples[w].out)
                time_one(s, (enum vfa_va_way)w, direction, &samples[w]);
        if (round == 1) /* of two, so that one interruption condemns nobody */
            drop_hopeless(samples);
    }
    for (unsigned int w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++)
        s->facts->way[w].ns[direction] =
            samples[w].best_ns > UINT32_MAX ? UINT32_MAX : (uint32_t)samples[w].best_ns;
}

static enum vfa_va_way cheapest(const struct vfa_va_facts *facts, enum vfa_va_direction direction,
                                bool harmless_only)
{
    enum vfa_va_way best = VFA_VA_WAY_MEASURED;
    for (unsigned int w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++) {
        const struct vfa_va_way_facts *way = &facts->way[w];
        if (!way->ns[direction] || (harmless_only && way->writes_back))
            continue;
        if (best == VFA_VA_WAY_MEASURED || way->ns[direction] < facts->way[best].ns[direction])
            best = (enum vfa_va_way)w;
    }
    return best;
}

void vfa__va_measure_ways(struct vfa__va_scratch *s)
{
    uint64_t start = vfa__now_ns();
    for (unsigned int d = 0; d < VFA_VA_DIRECTIONS; d++) {
        enum vfa_va_direction direction = (enum vfa_va_direction)d;
        measure(s, direction, start + (d + 1) * (BUDGET_NS / VFA_VA_DIRECTIONS));
        enum vfa_va_way way = cheapest(s->facts, direction, direction == VFA_VA_READ);
        s->facts->chosen[d] = way ? way : cheapest(s->facts, direction, false);
        if (s->facts->chosen[d] == VFA_VA_WAY_MEASURED)
            s->facts->provisional = true; /* so bad that it is worth another look */
    }
}

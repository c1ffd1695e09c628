/* The frame store: extents mapped, handed out, kept and ended. */
#include "memory/store.h"

#include "base/checked.h"
#include "base/clock.h"
#include "memory/poison.h"

#include <string.h>

#define KEEP_BYTES ((size_t)256 << 20)
#define KEEP_MS    10000u
#define YIELD_MS   1000u

#define VECTOR_BYTES 64

#define ALL_FLAGS                                                                         \
    (VFA_FRAME_MEMORY_SMALL_PAGES | VFA_FRAME_MEMORY_HUGETLB | VFA_FRAME_MEMORY_PRESENT | \
     VFA_FRAME_MEMORY_GUARDS | VFA_FRAME_MEMORY_ON_NODE | VFA_FRAME_MEMORY_KEEP_NONE)

mfxStatus vfa__store_check(const struct vfa_frame_memory *options)
{
    return options->flags & ~(unsigned int)ALL_FLAGS ? MFX_ERR_INVALID_VIDEO_PARAM : MFX_ERR_NONE;
}

static unsigned int wants_of(unsigned int flags)
{
    unsigned int want = 0;
    if (!(flags & VFA_FRAME_MEMORY_SMALL_PAGES))
        want |= VFA__MAPPING_HUGE;
    if (flags & VFA_FRAME_MEMORY_HUGETLB)
        want |= VFA__MAPPING_HUGETLB;
    if (flags & VFA_FRAME_MEMORY_PRESENT)
        want |= VFA__MAPPING_PRESENT;
    if (flags & VFA_FRAME_MEMORY_ON_NODE)
        want |= VFA__MAPPING_ON_NODE;
    /* A guard page cannot be a part of a huge one. */
    if (flags & VFA_FRAME_MEMORY_GUARDS)
        want &= ~(unsigned int)(VFA__MAPPING_HUGE | VFA__MAPPING_HUGETLB);
    return want;
}

mfxStatus vfa__store_init(struct vfa__store *store, struct vfa__gate *gate,
                          const struct vfa_frame_memory *options, size_t limit_bytes,
                          const struct vfa__map_api *api)
{
    memset(store, 0, sizeof *store);
    store->gate = gate;
    store->api = api ? *api : vfa__map_api_system();
    if (!store->api.page_bytes)
        return MFX_ERR_MEMORY_ALLOC;
    store->options = *options;
    if (!store->options.keep_bytes)
        store->options.keep_bytes = KEEP_BYTES;
    if (options->flags & VFA_FRAME_MEMORY_KEEP_NONE)
        store->options.keep_bytes = 0;
    if (!store->options.keep_ms)
        store->options.keep_ms = KEEP_MS;
    if (!store->options.yield_ms)
        store->options.yield_ms = YIELD_MS;
    store->want = wants_of(options->flags);
    store->guarded = options->flags & VFA_FRAME_MEMORY_GUARDS;
    store->spaced = store->guarded || VFA__POISONS; /* as the heap's redzones */
    store->limit_bytes = limit_bytes;
    return pthread_mutex_init(&store->lock, NULL) ? MFX_ERR_MEMORY_ALLOC : MFX_ERR_NONE;
}

/* Counts what a mapping got, as it comes (sign 1) or goes (-1). */
static void count_mapping(struct vfa__store *store, const struct vfa__extent *extent, int sign)
{
    const struct vfa__mapping *m = &extent->mapping;
    uint64_t bytes = sign > 0 ? m->map_bytes : (uint64_t)0 - m->map_bytes;
    struct vfa_frame_memory_stats *stats = &store->stats;
    stats->mapped_bytes += bytes;
    stats->huge_bytes += m->got & VFA__MAPPING_HUGE ? bytes : 0;
    stats->hugetlb_bytes += m->got & VFA__MAPPING_HUGETLB ? bytes : 0;
    stats->present_bytes += m->got & VFA__MAPPING_PRESENT ? bytes : 0;
    stats->node_bytes += m->got & VFA__MAPPING_ON_NODE ? bytes : 0;
    stats->guards += sign > 0 ? extent->guards : (uint64_t)0 - extent->guards;
}

static void end_extent(struct vfa__store *store, struct vfa__extent *extent)
{
    pthread_mutex_lock(&store->lock);
    count_mapping(store, extent, -1);
    pthread_mutex_unlock(&store->lock);
    vfa__unpoison(extent->mapping.map, extent->mapping.map_bytes); /* the address may be anybody's next */
    vfa__mapping_end(&store->api, &extent->mapping);
    vfa__gate_release(store->gate, extent, sizeof *extent, VFA_MEMORY_BOOK);
}

static size_t end_list(struct vfa__store *store, struct vfa__extent *list)
{
    size_t bytes = 0;
    while (list) {
        struct vfa__extent *next = list->next;
        bytes += list->mapping.map_bytes;
        end_extent(store, list);
        list = next;
    }
    return bytes;
}

static size_t room_to_keep(const struct vfa__store *store)
{
    size_t room = store->used_bytes < store->limit_bytes ? store->limit_bytes - store->used_bytes : 0;
    return store->options.keep_bytes < room ? store->options.keep_bytes : room;
}

/* Takes out of the kept ones, under the lock, whatever is beyond the limits: the oldest ones, and all that
 * have been idle since `moment` or longer. */
static struct vfa__extent *take_surplus(struct vfa__store *store, uint64_t moment)
{
    size_t room = room_to_keep(store), bytes = 0, count = 0;
    struct vfa__extent **link = &store->kept;
    while (*link && count < VFA__KEPT_MAX && (*link)->idle_since_ns > moment &&
           (*link)->mapping.map_bytes <= room - bytes) {
        bytes += (*link)->mapping.map_bytes;
        count++;
        link = &(*link)->next;
    }
    struct vfa__extent *surplus = *link;
    *link = NULL;
    store->kept_bytes = bytes;
    store->kept_count = count;
    return surplus;
}

static uint64_t moment_before(uint64_t now, uint32_t ms)
{
    uint64_t age = ms * VFA__NS_PER_MS;
    return now > age ? now - age : 0;
}

/* The moment since when what is kept has been kept too long. */
static uint64_t too_old(const struct vfa__store *store, uint64_t now)
{
    return moment_before(now, store->options.keep_ms);
}

/* The moment since when the system may take the pages. */
static uint64_t idle_long(const struct vfa__store *store, uint64_t now)
{
    return moment_before(now, store->options.yield_ms);
}

/* Takes out of the kept ones, under the lock, those that have been idle since `moment` or longer and whose
 * pages the system has not been left yet. What is to be present stays so. */
static struct vfa__extent *take_firm(struct vfa__store *store, uint64_t moment)
{
    struct vfa__extent *firm = NULL, **end = &firm, **link = &store->kept;
    while (*link) {
        struct vfa__extent *extent = *link;
        if (extent->idle_since_ns > moment || extent->offered || (store->want & VFA__MAPPING_PRESENT)) {
            link = &extent->next;
            continue;
        }
        *link = extent->next;
        extent->next = NULL;
        *end = extent;
        end = &extent->next;
        store->kept_bytes -= extent->mapping.map_bytes;
        store->kept_count--;
    }
    return firm;
}

/* Puts extents back among the kept ones, where their age belongs. */
static void put_back(struct vfa__store *store, struct vfa__extent *list)
{
    struct vfa__extent **link = &store->kept;
    while (list) {
        struct vfa__extent *extent = list;
        list = list->next;
        while (*link && (*link)->idle_since_ns > extent->idle_since_ns)
            link = &(*link)->next;
        extent->next = *link;
        *link = extent;
    }
}

/* Leaves the pages of extents that take_firm took to the system, should it need them. Meanwhile nobody finds
 * them: whoever got one would write pages that are about to be given away. The bytes. */
static size_t yield_list(struct vfa__store *store, struct vfa__extent *firm)
{
    size_t bytes = 0;
    if (!firm)
        return 0;
    for (struct vfa__extent *e = firm; e; e = e->next) {
        const struct vfa__mapping *m = &e->mapping;
        e->offered = true; /* once is enough, of whatever kind the pages are */
        e->yielded = store->api.advise(store->api.user, m->map, m->map_bytes, VFA__ADVICE_YIELD);
        bytes += e->yielded ? m->map_bytes : 0;
    }
    pthread_mutex_lock(&store->lock);
    put_back(store, firm);
    struct vfa__extent *surplus = take_surplus(store, 0); /* counts what is back */
    pthread_mutex_unlock(&store->lock);
    (void)end_list(store, surplus);
    return bytes;
}

void vfa__store_finish(struct vfa__store *store)
{
    (void)vfa__store_trim(store, 0);
    pthread_mutex_destroy(&store->lock);
}

static bool same_shape(const struct vfa__shape *a, const struct vfa__shape *b)
{
    return a->frame_bytes == b->frame_bytes && a->alignment == b->alignment && a->count == b->count;
}

static void count_taken(struct vfa__store *store, const struct vfa__extent *extent)
{
    store->used_bytes += extent->mapping.map_bytes;
    store->stats.sets++;
}

/* A kept extent of that shape, or NULL. */
static struct vfa__extent *take_kept(struct vfa__store *store, const struct vfa__shape *shape)
{
    uint64_t now = vfa__now_ns();
    pthread_mutex_lock(&store->lock);
    struct vfa__extent *surplus = take_surplus(store, too_old(store, now)), *found = NULL;
    for (struct vfa__extent **link = &store->kept; *link && !found; link = &(*link)->next) {
        if (!same_shape(&(*link)->shape, shape))
            continue;
        found = *link;
        *link = found->next;
        store->kept_bytes -= found->mapping.map_bytes;
        store->kept_count--;
        count_taken(store, found);
        found->offered = found->yielded = false; /* what is written is the process's again */
        store->stats.recycled++;
        break;
    }
    pthread_mutex_unlock(&store->lock);
    (void)end_list(store, surplus);
    return found;
}

/* The place of frames in a mapping: one after another, or with a page before the first and behind each. What
 * reads whole vectors may look a few bytes beyond the last row, and finds memory there. */
static bool lay_out(const struct vfa__store *store, const struct vfa__shape *shape, size_t *before,
                    size_t *stride, size_t *bytes)
{
    size_t page = store->api.page_bytes, unit = shape->alignment;
    size_t frame = shape->frame_bytes;
    *before = 0;
    if (store->spaced) {
        if (unit < page)
            unit = page;
        *before = unit;
        if (!vfa__align(frame, page, &frame) || !vfa__add(frame, page, &frame))
            return false;
    }
    return vfa__align(frame, unit, stride) && vfa__multiply(*stride, shape->count, bytes) &&
           vfa__add(*bytes, store->spaced ? *before : VECTOR_BYTES, bytes);
}

static void set_guards(const struct vfa__store *store, struct vfa__extent *extent)
{
    size_t page = store->api.page_bytes;
    extent->guards += store->api.forbid(store->api.user, extent->base - page, page);
    for (size_t i = 0; i < extent->shape.count; i++) {
        size_t frame = (extent->shape.frame_bytes + page - 1) & ~(page - 1); /* lay_out did this */
        extent->guards += store->api.forbid(store->api.user, extent->base + i * extent->stride + frame, page);
    }
}

/* Of a poisoned extent the frames alone may be touched. */
static void open_frames(const struct vfa__extent *extent)
{
    for (size_t i = 0; i < extent->shape.count; i++)
        vfa__unpoison(extent->base + i * extent->stride, extent->shape.frame_bytes);
}

static struct vfa__extent *map_extent(struct vfa__store *store, const struct vfa__shape *shape)
{
    size_t before, stride, bytes;
    struct vfa__extent *extent;
    if (!lay_out(store, shape, &before, &stride, &bytes) ||
        !(extent =
              vfa__gate_allocate(store->gate, sizeof *extent, _Alignof(struct vfa__extent), VFA_MEMORY_BOOK)))
        return NULL;
    struct vfa__map_order order = {bytes, shape->alignment, store->want, store->options.node};
    if (!vfa__mapping_make(&store->api, &order, &extent->mapping)) {
        vfa__gate_release(store->gate, extent, sizeof *extent, VFA_MEMORY_BOOK);
        return NULL;
    }
    extent->shape = *shape;
    extent->base = extent->mapping.base + before;
    extent->stride = stride;
    vfa__poison(extent->mapping.map, extent->mapping.map_bytes);
    open_frames(extent);
    if (store->guarded)
        set_guards(store, extent);
    return extent;
}

static struct vfa__extent *map_counted(struct vfa__store *store, const struct vfa__shape *shape)
{
    struct vfa__extent *extent = map_extent(store, shape);
    if (!extent)
        return NULL;
    uint64_t now = vfa__now_ns();
    pthread_mutex_lock(&store->lock);
    count_taken(store, extent);
    count_mapping(store, extent, 1);
    struct vfa__extent *surplus = take_surplus(store, too_old(store, now));
    struct vfa__extent *firm = take_firm(store, idle_long(store, now));
    pthread_mutex_unlock(&store->lock);
    (void)end_list(store, surplus);
    (void)yield_list(store, firm);
    return extent;
}

struct vfa__extent *vfa__store_take(struct vfa__store *store, const struct vfa__shape *shape)
{
    struct vfa__extent *extent = take_kept(store, shape);
    if (extent)
        open_frames(extent);
    else
        extent = map_counted(store, shape);
    if (!extent && vfa__store_trim(store, 0) > 0)
        extent = map_counted(store, shape); /* what was kept stood in the way */
    if (extent)
        vfa__gate_count(store->gate, extent->mapping.map_bytes, VFA_MEMORY_FRAME, true);
    return extent;
}

void vfa__store_give(struct vfa__store *store, struct vfa__extent *extent, bool keep)
{
    vfa__gate_count(store->gate, extent->mapping.map_bytes, VFA_MEMORY_FRAME, false);
    vfa__poison(extent->base, extent->stride * extent->shape.count);
    uint64_t now = vfa__now_ns();
    pthread_mutex_lock(&store->lock);
    store->used_bytes -= extent->mapping.map_bytes;
    extent->idle_since_ns = now;
    extent->next = NULL;
    keep = keep && extent->mapping.map_bytes <= room_to_keep(store);
    if (keep) {
        extent->next = store->kept;
        store->kept = extent;
    }
    struct vfa__extent *surplus = take_surplus(store, too_old(store, now));
    struct vfa__extent *firm = take_firm(store, idle_long(store, now));
    pthread_mutex_unlock(&store->lock);
    if (!keep)
        end_extent(store, extent);
    (void)end_list(store, surplus);
    (void)yield_list(store, firm);
}

size_t vfa__store_trim(struct vfa__store *store, uint32_t idle_ms)
{
    uint64_t moment = moment_before(vfa__now_ns(), idle_ms);
    pthread_mutex_lock(&store->lock);
    struct vfa__extent *surplus = take_surplus(store, moment);
    pthread_mutex_unlock(&store->lock);
    return end_list(store, surplus);
}

size_t vfa__store_yield(struct vfa__store *store, uint32_t idle_ms)
{
    uint64_t moment = moment_before(vfa__now_ns(), idle_ms);
    pthread_mutex_lock(&store->lock);
    struct vfa__extent *firm = take_firm(store, moment);
    pthread_mutex_unlock(&store->lock);
    return yield_list(store, firm);
}

void vfa__store_stats(struct vfa__store *store, struct vfa_frame_memory_stats *out)
{
    pthread_mutex_lock(&store->lock);
    *out = store->stats;
    out->kept_sets = store->kept_count;
    out->kept_bytes = store->kept_bytes;
    for (const struct vfa__extent *e = store->kept; e; e = e->next)
        out->yielded_bytes += e->yielded ? e->mapping.map_bytes : 0;
    pthread_mutex_unlock(&store->lock);
}

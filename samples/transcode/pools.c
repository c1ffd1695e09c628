/* The pools of surfaces between the stages: made from a plan, and for another one when the stream changes. */
#include "pools.h"

#include <stdlib.h>
#include <string.h>

static enum exit_code fail_making(const struct pools *pools, const char *call, mfxStatus status,
                                  const mfxFrameAllocRequest *request, const char *name)
{
    return runtime_fail(pools->runtime, call, status, "making %u surfaces of %ux%u for '%s'",
                        request->NumFrameSuggested, request->Info.Width, request->Info.Height, name);
}

/* Room for one more entry, zeroed; not counted yet. NULL: no memory. */
static struct pool_entry *add_entry(struct pools *pools)
{
    struct pool_entry *grown = realloc(pools->entries, (pools->count + 1) * sizeof *grown);

    if (!grown)
        return NULL;
    pools->entries = grown;
    memset(&grown[pools->count], 0, sizeof *grown);
    return &grown[pools->count];
}

static struct pool_entry *find_entry(const struct pools *pools, const struct vfa_pool *pool)
{
    for (size_t i = 0; pool && i < pools->count; i++)
        if (pools->entries[i].pool == pool)
            return &pools->entries[i];
    return NULL;
}

/* What an entry says of its frames, once there are new ones. */
static void note_frames(struct pool_entry *entry, const struct vfa_plan_result *result)
{
    entry->result = *result;
    if (entry->most < result->suggested)
        entry->most = result->suggested;
}

static enum exit_code create(struct pools *pools, const struct vfa_plan *plan,
                             const struct vfa_plan_result *result, const mfxFrameAllocRequest *request)
{
    struct vfa_pool_config config = vfa_pool_config_defaults();
    struct pool_entry *entry = add_entry(pools);

    if (!entry)
        return fail_memory("a pool");
    config.name = plan->name;
    config.allocator = vfa_allocator_mfx(pools->runtime->allocator);
    config.request = *request;
    mfxStatus status = vfa_pool_create(&entry->pool, &config);
    if (status != MFX_ERR_NONE)
        return fail_making(pools, "vfa_pool_create", status, request, plan->name);
    entry->plan = *plan;
    note_frames(entry, result);
    pools->count++;
    pools->made++;
    return EXIT_DONE;
}

/* *done: the pool is one for the plan now. Else it has too many old surfaces to keep track of. */
static enum exit_code reset(struct pools *pools, struct pool_entry *entry, const struct vfa_plan *plan,
                            const struct vfa_plan_result *result, const mfxFrameAllocRequest *request,
                            bool *done)
{
    bool replaced = false;
    mfxStatus status = vfa_pool_reset(entry->pool, request, &replaced);

    *done = status == MFX_ERR_NONE;
    if (status == MFX_ERR_NOT_ENOUGH_BUFFER)
        return EXIT_DONE;
    if (status != MFX_ERR_NONE)
        return fail_making(pools, "vfa_pool_reset", status, request, plan->name);
    entry->plan = *plan;
    if (replaced)
        note_frames(entry, result);
    return EXIT_DONE;
}

enum exit_code pools_make(struct pools *pools, const struct vfa_plan *plan, struct vfa_pool **pool)
{
    struct pool_entry *entry = find_entry(pools, *pool);
    struct vfa_plan_result result;
    mfxFrameAllocRequest request;
    bool done = false;
    mfxStatus status = vfa_plan_result(plan, &result);

    if (status == MFX_ERR_NONE)
        status = vfa_plan_request(plan, &request);
    if (status != MFX_ERR_NONE)
        return runtime_fail(pools->runtime, "vfa_plan_request", status, "planning the pool '%s'", plan->name);
    enum exit_code code = entry ? reset(pools, entry, plan, &result, &request, &done) : EXIT_DONE;
    if (code != EXIT_DONE || done)
        return code;
    code = create(pools, plan, &result, &request);
    if (code != EXIT_DONE)
        return code;
    struct vfa_pool *made = pools->entries[pools->count - 1].pool;
    pools_retire(pools, pool);
    *pool = made;
    return EXIT_DONE;
}

void pools_retire(struct pools *pools, struct vfa_pool **pool)
{
    struct pool_entry *entry = find_entry(pools, *pool);

    if (entry)
        entry->retired = true;
    *pool = NULL;
    pools_sweep(pools);
}

/* Nothing is trimmed of a pool whose size is its plan's: but it looks whether the runtime has let go of the
 * last frame that was replaced. */
static void free_replaced(struct vfa_pool *pool)
{
    (void)vfa_pool_trim(pool, UINT32_MAX);
}

/* The encoder may hold surfaces of a pool that nobody draws from any more. */
void pools_sweep(struct pools *pools)
{
    size_t kept = 0;

    for (size_t i = 0; i < pools->count; i++) {
        struct pool_entry *entry = &pools->entries[i];
        struct vfa_pool_stats stats = {0};
        free_replaced(entry->pool);
        if (entry->retired && vfa_pool_stats(entry->pool, &stats) == MFX_ERR_NONE && stats.leased == 0 &&
            stats.lent == 0 && stats.pending == 0)
            vfa_pool_destroy(&entry->pool);
        else
            pools->entries[kept++] = *entry;
    }
    pools->count = kept;
}

void pools_finish(struct pools *pools)
{
    for (size_t i = 0; i < pools->count; i++)
        vfa_pool_destroy(&pools->entries[i].pool);
    free(pools->entries);
    pools->entries = NULL;
    pools->count = 0;
}

uint64_t pools_planned(const struct pools *pools)
{
    uint64_t planned = 0;

    for (size_t i = 0; i < pools->count; i++)
        planned += pools->entries[i].retired ? 0 : pools->entries[i].result.suggested;
    return planned;
}

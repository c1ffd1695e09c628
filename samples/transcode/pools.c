/* The pools of surfaces between the stages: made from a plan, replaced when the stream changes. */
#include "pools.h"

#include <stdlib.h>
#include <string.h>

static enum exit_code create(struct pools *pools, struct pool_entry *entry)
{
    struct vfa_pool_config config = vfa_pool_config_defaults();
    mfxStatus status = vfa_plan_result(&entry->plan, &entry->result);

    if (status == MFX_ERR_NONE)
        status = vfa_plan_request(&entry->plan, &config.request);
    if (status != MFX_ERR_NONE)
        return runtime_fail(pools->runtime, "vfa_plan_request", status, "planning the pool '%s'",
                            entry->plan.name);
    config.name = entry->plan.name;
    config.allocator = vfa_allocator_mfx(pools->runtime->allocator);
    status = vfa_pool_create(&entry->pool, &config);
    if (status != MFX_ERR_NONE)
        return runtime_fail(pools->runtime, "vfa_pool_create", status, "making %u surfaces of %ux%u for '%s'",
                            config.request.NumFrameSuggested, config.request.Info.Width,
                            config.request.Info.Height, entry->plan.name);
    return EXIT_DONE;
}

enum exit_code pools_make(struct pools *pools, const struct vfa_plan *plan, struct vfa_pool **out)
{
    struct pool_entry *grown = realloc(pools->entries, (pools->count + 1) * sizeof *grown);

    *out = NULL;
    if (!grown)
        return fail_memory("a pool");
    pools->entries = grown;
    struct pool_entry *entry = &grown[pools->count];
    memset(entry, 0, sizeof *entry);
    entry->plan = *plan;
    enum exit_code code = create(pools, entry);
    if (code != EXIT_DONE)
        return code;
    pools->count++;
    pools->made++;
    *out = entry->pool;
    return EXIT_DONE;
}

void pools_retire(struct pools *pools, struct vfa_pool *pool)
{
    for (size_t i = 0; i < pools->count; i++)
        if (pools->entries[i].pool == pool)
            pools->entries[i].retired = true;
    pools_sweep(pools);
}

/* The encoder may hold surfaces of a pool that nobody draws from any more. */
void pools_sweep(struct pools *pools)
{
    size_t kept = 0;

    for (size_t i = 0; i < pools->count; i++) {
        struct pool_entry *entry = &pools->entries[i];
        struct vfa_pool_stats stats = {0};
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

/* Which way a map takes: forced by the application, or measured; and the next when the driver refuses it. */
#include "va/internal.h"

enum vfa_va_direction vfa__va_direction(mfxU32 flags)
{
    switch (flags & MFX_MAP_READ_WRITE) {
    case MFX_MAP_READ:
        return VFA_VA_READ;
    case MFX_MAP_WRITE:
        return VFA_VA_WRITE;
    default:
        return VFA_VA_READ_WRITE;
    }
}

static const struct vfa__va_policy *find(const struct vfa_va *va, const struct vfa__va_shape *shape)
{
    for (const struct vfa__va_policy *p = va->policies; p; p = p->next)
        if (p->facts.fourcc == shape->format->fourcc && p->facts.usage == shape->usage)
            return p;
    return NULL;
}

static mfxStatus add(struct vfa_va *va, const struct vfa_backend_host *host,
                     const struct vfa__va_shape *shape, const struct vfa__va_policy **out)
{
    struct vfa__va_policy *policy =
        vfa__gate_allocate(&va->gate, sizeof *policy, _Alignof(struct vfa__va_policy), VFA_MEMORY_BOOK);
    if (!policy) {
        host->explain(host, "no memory for what is known of %s surfaces", shape->format->name);
        return MFX_ERR_MEMORY_ALLOC;
    }
    mfxStatus status = vfa__va_find_out(va, host, shape, &policy->facts);
    if (status != MFX_ERR_NONE) {
        vfa__gate_release(&va->gate, policy, sizeof *policy, VFA_MEMORY_BOOK);
        return status;
    }
    policy->next = va->policies;
    va->policies = policy;
    *out = policy;
    return MFX_ERR_NONE;
}

mfxStatus vfa__va_policy(struct vfa_va *va, const struct vfa_backend_host *host,
                         const struct vfa__va_shape *shape, const struct vfa__va_policy **out)
{
    mfxStatus status = MFX_ERR_NONE;
    pthread_mutex_lock(&va->policy_lock);
    *out = find(va, shape);
    if (!*out)
        status = add(va, host, shape, out);
    pthread_mutex_unlock(&va->policy_lock);
    return status;
}

/* Fit and measured, harmless, and not one of `taken`: the cheapest that is left. */
static enum vfa_va_way next_best(const struct vfa_va_facts *facts, enum vfa_va_direction direction,
                                 unsigned int taken)
{
    enum vfa_va_way best = VFA_VA_WAY_MEASURED;
    for (unsigned int w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++) {
        uint32_t ns = facts->way[w].ns[direction];
        if (!ns || taken & 1u << w || (direction == VFA_VA_READ && facts->way[w].writes_back))
            continue;
        if (best == VFA_VA_WAY_MEASURED || ns < facts->way[best].ns[direction])
            best = (enum vfa_va_way)w;
    }
    return best;
}

void vfa__va_ways(const struct vfa__va_set *set, mfxU32 flags, enum vfa_va_way ways[VFA_VA_WAYS])
{
    enum vfa_va_direction direction = vfa__va_direction(flags);
    const struct vfa_va_facts *facts = &set->policy->facts;
    enum vfa_va_way forced = (enum vfa_va_way)atomic_load_explicit(
        &set->va->forced[set->shape.format_index][direction], memory_order_relaxed);
    size_t count = 0;
    if (forced != VFA_VA_WAY_MEASURED) {
        ways[count++] = forced; /* that one or none */
    } else if (facts->chosen[direction] != VFA_VA_WAY_MEASURED) {
        unsigned int taken = 0;
        enum vfa_va_way way = facts->chosen[direction];
        while (way != VFA_VA_WAY_MEASURED && count < VFA_VA_WAYS - 1) {
            ways[count++] = way;
            taken |= 1u << way;
            way = next_best(facts, direction, taken);
        }
    }
    ways[count] = VFA_VA_WAY_MEASURED;
}

/* Which way a map takes: forced by the application, or measured; and the next when the driver refuses it. */
#include "va/internal.h"

#include <stdio.h>

/* So often surfaces are found out about before a driver on which something fails each time, be it for want of
 * memory, is taken to mean that it cannot. */
#define TRIES_MAX 3

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

/* The newest: what was found out again comes before. */
static const struct vfa__va_policy *find(const struct vfa_va *va, const struct vfa__va_shape *shape)
{
    for (const struct vfa__va_policy *p = va->policies; p; p = p->next)
        if (p->facts.fourcc == shape->format->fourcc && p->facts.usage == shape->usage)
            return p;
    return NULL;
}

static mfxStatus add(struct vfa_va *va, const struct vfa_backend_host *host,
                     const struct vfa__va_shape *shape, unsigned int tries, const struct vfa__va_policy **out)
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
    policy->tries = tries;
    policy->facts.provisional = policy->facts.provisional && tries < TRIES_MAX;
    policy->next = va->policies;
    va->policies = policy;
    *out = policy;
    return MFX_ERR_NONE;
}

/* With policy_lock held. Where finding out again fails, what was known serves on. */
static mfxStatus find_or_add(struct vfa_va *va, const struct vfa_backend_host *host,
                             const struct vfa__va_shape *shape, const struct vfa__va_policy **out,
                             bool *is_new)
{
    const struct vfa__va_policy *known = find(va, shape);
    *out = known;
    *is_new = false;
    if (known && !known->facts.provisional)
        return MFX_ERR_NONE;
    mfxStatus status = add(va, host, shape, known ? known->tries + 1 : 1, out);
    *is_new = status == MFX_ERR_NONE;
    return known && status != MFX_ERR_DEVICE_LOST ? MFX_ERR_NONE : status;
}

const char *vfa__va_why_no_way(const struct vfa_va_facts *facts, char *text, size_t bytes)
{
    static const char *const name[VFA_VA_WAYS] = {"", "DERIVE", "IMAGE", "DERIVE_COPY", "IMAGE_COPY"};
    const struct vfa_format *format = vfa_format_find(facts->fourcc);
    int length =
        snprintf(text, bytes,
                 "no way to the bytes of %s surfaces works on this driver:", format ? format->name : "such");
    for (size_t w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS && length > 0 && (size_t)length < bytes; w++) {
        const struct vfa_va_way_facts *way = &facts->way[w];
        const char *why = way->refused != VA_STATUS_SUCCESS ? vfa_va_status_name(way->refused)
                          : way->unfit                      ? way->unfit
                                                            : "failed while it was measured";
        length += snprintf(text + length, bytes - (size_t)length, "%s %s: %s",
                           w == VFA_VA_WAY_DERIVE ? "" : ",", name[w], why);
    }
    return text;
}

/* What an application should know before a Lock tells it. */
static void warn(const struct vfa_va *va, const struct vfa_va_facts *facts)
{
    char why[VFA__VA_CAUSE_MAX];
    const struct vfa_format *format = vfa_format_find(facts->fourcc);
    for (size_t d = 0; d < VFA_VA_DIRECTIONS; d++) {
        if (facts->chosen[d] == VFA_VA_WAY_MEASURED) {
            vfa__log(&va->log, VFA_LOG_WARNING, "%s", vfa__va_why_no_way(facts, why, sizeof why));
            break;
        }
    }
    if (facts->provisional)
        vfa__log(&va->log, VFA_LOG_WARNING,
                 "%s surfaces: not all could be found out about them; the next Alloc tries again",
                 format ? format->name : "such");
}

mfxStatus vfa__va_policy(struct vfa_va *va, const struct vfa_backend_host *host,
                         const struct vfa__va_shape *shape, const struct vfa__va_policy **out)
{
    bool is_new;
    pthread_mutex_lock(&va->policy_lock);
    mfxStatus status = find_or_add(va, host, shape, out, &is_new);
    pthread_mutex_unlock(&va->policy_lock);
    if (is_new)
        warn(va, &(*out)->facts);
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

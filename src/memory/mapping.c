/* One mapping: the wishes, and the ways round those that are not granted. */
#include "memory/mapping.h"

#include "base/checked.h"

#include <string.h>

/* Gives back what lies before and behind the part that is wanted. What the system does not take back stays a
 * part of the mapping. */
static void cut(const struct vfa__map_api *api, struct vfa__mapping *m, size_t bytes)
{
    size_t before = (size_t)(m->base - m->map);
    if (before && api->unmap(api->user, m->map, before)) {
        m->map = m->base;
        m->map_bytes -= before;
        before = 0;
    }
    size_t behind = m->map_bytes - before - bytes;
    if (behind && api->unmap(api->user, m->base + bytes, behind))
        m->map_bytes -= behind;
}

/* `bytes`: whole pages. */
static bool map_aligned(const struct vfa__map_api *api, size_t bytes, size_t alignment,
                        struct vfa__mapping *m)
{
    size_t slack = alignment > api->page_bytes ? alignment - api->page_bytes : 0;
    if (!vfa__add(bytes, slack, &m->map_bytes))
        return false;
    m->map = api->map(api->user, m->map_bytes, false);
    if (!m->map)
        return false;
    m->base = m->map + (-(uintptr_t)m->map & (alignment - 1));
    cut(api, m, bytes);
    return true;
}

/* From the pool of huge pages, which gives whole ones only. */
static bool map_hugetlb(const struct vfa__map_api *api, const struct vfa__map_order *order,
                        struct vfa__mapping *m)
{
    if (!(order->want & VFA__MAPPING_HUGETLB) || order->alignment > VFA__HUGE_BYTES ||
        !vfa__align(order->bytes, VFA__HUGE_BYTES, &m->map_bytes))
        return false;
    m->map = m->base = api->map(api->user, m->map_bytes, true);
    m->got = VFA__MAPPING_HUGETLB;
    return m->map;
}

/* Below one huge page there is nothing to win. The end of a mapping that is no whole number of them is of
 * small pages: the system makes none beyond it. */
static bool map_pages(const struct vfa__map_api *api, const struct vfa__map_order *order,
                      struct vfa__mapping *m)
{
    size_t bytes;
    if (!vfa__align(order->bytes, api->page_bytes, &bytes))
        return false;
    bool huge = (order->want & VFA__MAPPING_HUGE) && bytes >= VFA__HUGE_BYTES;
    size_t alignment = huge && order->alignment < VFA__HUGE_BYTES ? VFA__HUGE_BYTES : order->alignment;
    m->got = 0;
    if (!map_aligned(api, bytes, alignment, m) &&
        (alignment == order->alignment || !map_aligned(api, bytes, order->alignment, m)))
        return false;
    if (huge && api->advise(api->user, m->base, bytes, VFA__ADVICE_HUGE) && api->has_huge_pages(api->user))
        m->got = VFA__MAPPING_HUGE;
    return true;
}

/* Touches each page, where the system has no call for it. */
static void touch(const struct vfa__map_api *api, const struct vfa__mapping *m, size_t bytes)
{
    volatile unsigned char *at = m->base;
    for (size_t i = 0; i < bytes; i += api->page_bytes)
        at[i] = 0;
}

bool vfa__mapping_make(const struct vfa__map_api *api, const struct vfa__map_order *order,
                       struct vfa__mapping *out)
{
    memset(out, 0, sizeof *out);
    if (!map_hugetlb(api, order, out) && !map_pages(api, order, out)) {
        memset(out, 0, sizeof *out);
        return false;
    }
    /* Before the pages are there, which would stay where they are. */
    if ((order->want & VFA__MAPPING_ON_NODE) && api->bind(api->user, out->map, out->map_bytes, order->node))
        out->got |= VFA__MAPPING_ON_NODE;
    if (order->want & VFA__MAPPING_PRESENT) {
        if (!api->advise(api->user, out->map, out->map_bytes, VFA__ADVICE_PRESENT))
            touch(api, out, order->bytes);
        out->got |= VFA__MAPPING_PRESENT;
    }
    return true;
}

void vfa__mapping_end(const struct vfa__map_api *api, struct vfa__mapping *mapping)
{
    if (mapping->map)
        (void)api->unmap(api->user, mapping->map, mapping->map_bytes);
    memset(mapping, 0, sizeof *mapping);
}

/* The ioctls that say what the GPU is, and those on contexts and address spaces, which here are only numbers.
 */
#include "shim.h"

#include <libdrm/drm.h>
#include <libdrm/i915_drm.h>
#include <string.h>
#include <time.h>

/* A GPU of the 12th generation with one slice, as packaged drivers know it. */
enum {
    SUBSLICES = 6,
    EUS_PER_SUBSLICE = 16,
    SUBSLICE_MASK = (1 << SUBSLICES) - 1,
    TIMESTAMP_HZ = 12000000
};

static const uint64_t MEMORY_BYTES = (uint64_t)8 << 30;
static const uint64_t ADDRESS_SPACE_BYTES = (uint64_t)1 << 48;

/* Copies as much of a string as there is room for, and says how long it is. */
static void put_string(char *to, __kernel_size_t *length, const char *text)
{
    size_t room = *length;
    *length = strlen(text);
    if (to && room)
        memcpy(to, text, room < *length ? room : *length);
}

int shim_version(struct shim_file *file, void *argument)
{
    (void)file;
    struct drm_version *v = argument;
    v->version_major = 1;
    v->version_minor = 6;
    v->version_patchlevel = 0;
    put_string(v->name, &v->name_len, "i915");
    put_string(v->date, &v->date_len, "20201103");
    put_string(v->desc, &v->desc_len, "Intel Graphics");
    return 0;
}

int shim_get_cap(struct shim_file *file, void *argument)
{
    (void)file;
    struct drm_get_cap *c = argument;
    switch (c->capability) {
    case DRM_CAP_PRIME:
        c->value = DRM_PRIME_CAP_IMPORT | DRM_PRIME_CAP_EXPORT;
        break;
    case DRM_CAP_TIMESTAMP_MONOTONIC:
    case DRM_CAP_ADDFB2_MODIFIERS:
        c->value = 1;
        break;
    default:
        c->value = 0;
    }
    return 0;
}

static const struct {
    int parameter, value;
} parameters[] = {
    {I915_PARAM_REVISION, 1},
    {I915_PARAM_HAS_GEM, 1},
    {I915_PARAM_NUM_FENCES_AVAIL, 32},
    {I915_PARAM_HAS_EXECBUF2, 1},
    {I915_PARAM_HAS_BSD, 1},
    {I915_PARAM_HAS_BSD2, 1},
    {I915_PARAM_HAS_BLT, 1},
    {I915_PARAM_HAS_VEBOX, 1},
    {I915_PARAM_HAS_RELAXED_FENCING, 1},
    {I915_PARAM_HAS_COHERENT_RINGS, 1},
    {I915_PARAM_HAS_RELAXED_DELTA, 1},
    {I915_PARAM_HAS_LLC, 1},
    {I915_PARAM_HAS_ALIASING_PPGTT, 3}, /* each context has 48 bits of addresses */
    {I915_PARAM_HAS_WAIT_TIMEOUT, 1},
    {I915_PARAM_HAS_EXEC_NO_RELOC, 1},
    {I915_PARAM_HAS_EXEC_HANDLE_LUT, 1},
    {I915_PARAM_HAS_EXEC_SOFTPIN, 1},
    {I915_PARAM_HAS_EXEC_ASYNC, 1},
    {I915_PARAM_HAS_EXEC_CAPTURE, 1},
    {I915_PARAM_HAS_EXEC_BATCH_FIRST, 1},
    {I915_PARAM_HAS_GPU_RESET, 1},
    {I915_PARAM_HAS_SCHEDULER, 0x1f},
    {I915_PARAM_HAS_CONTEXT_ISOLATION, 0x1f},
    {I915_PARAM_HAS_POOLED_EU, 0},
    {I915_PARAM_MIN_EU_IN_POOL, 0},
    {I915_PARAM_HAS_USERPTR_PROBE, 1},
    {I915_PARAM_HAS_EXEC_FENCE, 0},
    {I915_PARAM_HAS_EXEC_FENCE_ARRAY, 0},
    {I915_PARAM_HAS_EXEC_SUBMIT_FENCE, 0},
    {I915_PARAM_HAS_EXEC_TIMELINE_FENCES, 0},
    {I915_PARAM_MMAP_VERSION, 1},
    {I915_PARAM_MMAP_GTT_VERSION, 4},
    {I915_PARAM_MMAP_GTT_COHERENT, 1},
    {I915_PARAM_CMD_PARSER_VERSION, 10},
    {I915_PARAM_HUC_STATUS, 1},
    {I915_PARAM_SLICE_MASK, 1},
    {I915_PARAM_SUBSLICE_MASK, SUBSLICE_MASK},
    {I915_PARAM_SUBSLICE_TOTAL, SUBSLICES},
    {I915_PARAM_EU_TOTAL, SUBSLICES *EUS_PER_SUBSLICE},
    {I915_PARAM_CS_TIMESTAMP_FREQUENCY, TIMESTAMP_HZ},
};

int shim_getparam(struct shim_file *file, void *argument)
{
    (void)file;
    const struct drm_i915_getparam *g = argument;
    if (!g->value)
        return -EFAULT;
    if (g->param == I915_PARAM_CHIPSET_ID) {
        *g->value = (int)shim_config()->device_id;
        return 0;
    }
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
        if (parameters[i].parameter == g->param) {
            *g->value = parameters[i].value;
            return 0;
        }
    shim_log(1, "vfa-i915: unknown parameter %d", g->param);
    return -EINVAL;
}

/* Room for the longest answer of a query; its parts are laid out as the kernel's header says. */
union answer {
    uint8_t bytes[1024];
    struct drm_i915_query_engine_info engines;
    struct drm_i915_query_memory_regions memory;
    struct drm_i915_query_topology_info topology;
};

static size_t answer_engines(union answer *a)
{
    static const struct i915_engine_class_instance engines[] = {
        {I915_ENGINE_CLASS_RENDER, 0}, {I915_ENGINE_CLASS_COPY, 0},          {I915_ENGINE_CLASS_VIDEO, 0},
        {I915_ENGINE_CLASS_VIDEO, 1},  {I915_ENGINE_CLASS_VIDEO_ENHANCE, 0},
    };
    size_t count = sizeof engines / sizeof *engines;
    struct drm_i915_engine_info *info =
        (struct drm_i915_engine_info *)(void *)(a->bytes + sizeof(struct drm_i915_query_engine_info));
    a->engines.num_engines = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        info[i].engine = engines[i];
        if (engines[i].engine_class == I915_ENGINE_CLASS_VIDEO)
            info[i].capabilities = I915_VIDEO_CLASS_CAPABILITY_HEVC;
        if (engines[i].engine_class == I915_ENGINE_CLASS_VIDEO ||
            engines[i].engine_class == I915_ENGINE_CLASS_VIDEO_ENHANCE)
            info[i].capabilities |= I915_VIDEO_AND_ENHANCE_CLASS_CAPABILITY_SFC;
    }
    return sizeof a->engines + count * sizeof *info;
}

static size_t answer_memory(union answer *a)
{
    struct drm_i915_memory_region_info *region =
        (struct drm_i915_memory_region_info *)(void *)(a->bytes +
                                                       sizeof(struct drm_i915_query_memory_regions));
    a->memory.num_regions = 1;
    region->region.memory_class = I915_MEMORY_CLASS_SYSTEM;
    region->probed_size = region->unallocated_size = MEMORY_BYTES;
    return sizeof a->memory + sizeof *region;
}

static size_t answer_topology(union answer *a)
{
    uint8_t *masks = a->bytes + sizeof(struct drm_i915_query_topology_info);
    a->topology.max_slices = 1;
    a->topology.max_subslices = SUBSLICES;
    a->topology.max_eus_per_subslice = EUS_PER_SUBSLICE;
    a->topology.subslice_offset = 1;
    a->topology.subslice_stride = 1;
    a->topology.eu_offset = 2;
    a->topology.eu_stride = EUS_PER_SUBSLICE / 8;
    masks[0] = 1;
    masks[1] = SUBSLICE_MASK;
    memset(masks + 2, 0xff, SUBSLICES * EUS_PER_SUBSLICE / 8);
    return sizeof a->topology + 2 + SUBSLICES * EUS_PER_SUBSLICE / 8;
}

/* Without room: how much is needed. Errors are the item's, not the ioctl's. */
static void answer_item(struct drm_i915_query_item *item)
{
    union answer a = {{0}};
    size_t length = 0;
    switch (item->query_id) {
    case DRM_I915_QUERY_ENGINE_INFO:
        length = answer_engines(&a);
        break;
    case DRM_I915_QUERY_MEMORY_REGIONS:
        length = answer_memory(&a);
        break;
    case DRM_I915_QUERY_TOPOLOGY_INFO:
        length = answer_topology(&a);
        break;
    default:
        shim_log(1, "vfa-i915: unknown query %llu", (unsigned long long)item->query_id);
    }
    if (length == 0 || (item->length && (item->length < 0 || (size_t)item->length < length))) {
        item->length = -EINVAL;
        return;
    }
    if (item->length)
        memcpy(shim_pointer(item->data_ptr), a.bytes, length);
    item->length = (int32_t)length;
}

int shim_query(struct shim_file *file, void *argument)
{
    (void)file;
    const struct drm_i915_query *q = argument;
    struct drm_i915_query_item *items = shim_pointer(q->items_ptr);
    if (q->flags)
        return -EINVAL;
    for (uint32_t i = 0; i < q->num_items; i++)
        answer_item(&items[i]);
    return 0;
}

int shim_get_aperture(struct shim_file *file, void *argument)
{
    (void)file;
    struct drm_i915_gem_get_aperture *a = argument;
    a->aper_size = a->aper_available_size = ADDRESS_SPACE_BYTES;
    return 0;
}

/* The one register that programs may read: the clock. */
int shim_reg_read(struct shim_file *file, void *argument)
{
    (void)file;
    struct drm_i915_reg_read *r = argument;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    r->val = (uint64_t)now.tv_sec * TIMESTAMP_HZ + (uint64_t)now.tv_nsec * (TIMESTAMP_HZ / 1000000) / 1000;
    return 0;
}

int shim_get_reset_stats(struct shim_file *file, void *argument)
{
    (void)file;
    struct drm_i915_reset_stats *r = argument;
    r->reset_count = r->batch_active = r->batch_pending = 0;
    return 0;
}

int shim_context_create(struct shim_file *file, void *argument)
{
    (void)file;
    static uint32_t last;
    struct drm_i915_gem_context_create *c = argument;
    c->ctx_id = ++last;
    return 0;
}

static uint32_t last_vm;

int shim_vm_create(struct shim_file *file, void *argument)
{
    (void)file;
    struct drm_i915_gem_vm_control *v = argument;
    v->vm_id = ++last_vm;
    return 0;
}

static int get_sseu(const struct drm_i915_gem_context_param *p)
{
    struct drm_i915_gem_context_param_sseu *s = shim_pointer(p->value);
    if (p->size < sizeof *s)
        return -EINVAL;
    s->slice_mask = 1;
    s->subslice_mask = SUBSLICE_MASK;
    s->min_eus_per_subslice = s->max_eus_per_subslice = EUS_PER_SUBSLICE;
    return 0;
}

int shim_context_getparam(struct shim_file *file, void *argument)
{
    (void)file;
    struct drm_i915_gem_context_param *p = argument;
    switch (p->param) {
    case I915_CONTEXT_PARAM_GTT_SIZE:
        p->value = ADDRESS_SPACE_BYTES;
        return 0;
    case I915_CONTEXT_PARAM_VM:
        p->value = ++last_vm;
        return 0;
    case I915_CONTEXT_PARAM_SSEU:
        return get_sseu(p);
    case I915_CONTEXT_PARAM_RECOVERABLE:
    case I915_CONTEXT_PARAM_BANNABLE:
        p->value = 1;
        return 0;
    default:
        p->value = 0;
        return 0;
    }
}

/* For what has no effect here. */
int shim_accept(struct shim_file *file, void *argument)
{
    (void)file, (void)argument;
    return 0;
}

/* For what render nodes do not let programs do. */
int shim_refuse(struct shim_file *file, void *argument)
{
    (void)file, (void)argument;
    return -EACCES;
}

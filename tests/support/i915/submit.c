/* GEM_EXECBUFFER2: gives the buffers of a submission their addresses, as the kernel does, and runs its
 * commands. */
#include "shim.h"

#include <libdrm/i915_drm.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t FIRST_ADDRESS = (uint64_t)1 << 40;
static const uint64_t ADDRESS_ALIGNMENT = 1 << 16;
static const uint64_t ADDRESS_MASK = ((uint64_t)1 << 48) - 1; /* the bits above repeat the highest one */

/* A place for a buffer whose address the driver leaves to the kernel. Places are not reused: there is room
 * for 128 TiB. */
static uint64_t choose_address(uint64_t size)
{
    static uint64_t next;
    uint64_t address = next ? next : FIRST_ADDRESS;
    next = (address + size + ADDRESS_ALIGNMENT - 1) & ~(ADDRESS_ALIGNMENT - 1);
    return address;
}

static int place(struct shim_file *file, struct drm_i915_gem_exec_object2 *object, struct shim_span *span)
{
    struct shim_buffer *buffer = shim_buffer_get(file, object->handle);
    if (!buffer)
        return -ENOENT;
    if (!(object->flags & EXEC_OBJECT_PINNED)) {
        if (!buffer->address)
            buffer->address = choose_address(buffer->size);
        object->offset = buffer->address;
    }
    *span = (struct shim_span){object->offset & ADDRESS_MASK, buffer->size, shim_buffer_view(buffer)};
    return span->bytes ? 0 : -ENOMEM;
}

/* Writes the addresses of the buffers that this one's commands name by relocations. */
static int relocate(const struct drm_i915_gem_execbuffer2 *exec,
                    const struct drm_i915_gem_exec_object2 *objects, const struct shim_span *span,
                    const struct drm_i915_gem_exec_object2 *object)
{
    struct drm_i915_gem_relocation_entry *entries = shim_pointer(object->relocs_ptr);
    for (uint32_t i = 0; i < object->relocation_count; i++) {
        struct drm_i915_gem_relocation_entry *r = &entries[i];
        uint32_t target = 0;
        while (target < exec->buffer_count &&
               r->target_handle != (exec->flags & I915_EXEC_HANDLE_LUT ? target : objects[target].handle))
            target++;
        if (target == exec->buffer_count)
            return -ENOENT;
        if (span->size < sizeof(uint64_t) || r->offset > span->size - sizeof(uint64_t))
            return -EINVAL;
        uint64_t address = objects[target].offset + r->delta;
        memcpy(span->bytes + r->offset, &address, sizeof address);
        r->presumed_offset = objects[target].offset;
    }
    return 0;
}

int shim_execbuffer2(struct shim_file *file, void *argument)
{
    const struct drm_i915_gem_execbuffer2 *exec = argument;
    struct drm_i915_gem_exec_object2 *objects = shim_pointer(exec->buffers_ptr);
    uint32_t count = exec->buffer_count;
    int result = 0;
    if (count == 0 || exec->flags & (I915_EXEC_FENCE_IN | I915_EXEC_FENCE_OUT | I915_EXEC_FENCE_ARRAY))
        return -EINVAL;
    struct shim_span *spans = calloc(count, sizeof *spans);
    if (!spans)
        return -ENOMEM;
    for (uint32_t i = 0; i < count && result == 0; i++)
        result = place(file, &objects[i], &spans[i]);
    for (uint32_t i = 0; i < count && result == 0; i++)
        result = relocate(exec, objects, &spans[i], &objects[i]);
    uint32_t batch = exec->flags & I915_EXEC_BATCH_FIRST ? 0 : count - 1;
    if (result == 0 && exec->batch_start_offset >= spans[batch].size)
        result = -EINVAL;
    if (result == 0) {
        shim_log(1, "vfa-i915: submission of %u buffers on engine %llu, %u relocations in the batch", count,
                 exec->flags & I915_EXEC_RING_MASK, objects[batch].relocation_count);
        shim_run_commands(spans, count, spans[batch].address + exec->batch_start_offset);
    }
    free(spans);
    return result;
}

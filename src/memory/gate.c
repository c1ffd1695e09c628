/* The gate: every block counted by purpose, bookkeeping zeroed, the application's hooks honoured. */
#include "memory/gate.h"

#include "base/checked.h"

#include <assert.h>
#include <string.h>

mfxStatus vfa__gate_init(struct vfa__gate *gate, const struct vfa_memory *memory)
{
    memset(gate, 0, sizeof *gate);
    if (!memory)
        memory = vfa_memory_default();
    if (memory->size != sizeof *memory)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (!memory->allocate || !memory->release)
        return MFX_ERR_NULL_PTR;
    gate->memory = *memory;
    return MFX_ERR_NONE;
}

static void count_up(struct vfa__gate *gate, size_t bytes, enum vfa_memory_use use)
{
    size_t now = atomic_fetch_add_explicit(&gate->bytes[use], bytes, memory_order_relaxed) + bytes;
    size_t peak = atomic_load_explicit(&gate->peak_bytes[use], memory_order_relaxed);
    while (now > peak && !atomic_compare_exchange_weak_explicit(&gate->peak_bytes[use], &peak, now,
                                                                memory_order_relaxed, memory_order_relaxed))
        ;
}

void vfa__gate_count(struct vfa__gate *gate, size_t bytes, enum vfa_memory_use use, bool in_use)
{
    if (in_use)
        count_up(gate, bytes, use);
    else
        atomic_fetch_sub_explicit(&gate->bytes[use], bytes, memory_order_relaxed);
}

void *vfa__gate_allocate(struct vfa__gate *gate, size_t bytes, size_t alignment, enum vfa_memory_use use)
{
    assert(bytes && vfa__is_power_of_two(alignment));
    struct vfa_memory *memory = &gate->memory;
    if (alignment < sizeof(void *))
        alignment = sizeof(void *);
    void *block = memory->allocate(memory->user, bytes, alignment, use);
    if (!block)
        return NULL;
    bool misaligned = (uintptr_t)block & (alignment - 1);
    if (misaligned ||
        (memory->on_allocate && memory->on_allocate(memory->user, block, bytes, use) != MFX_ERR_NONE)) {
        memory->release(memory->user, block, bytes, use);
        return NULL;
    }
    if (use == VFA_MEMORY_BOOK)
        memset(block, 0, bytes);
    count_up(gate, bytes, use);
    return block;
}

void vfa__gate_release(struct vfa__gate *gate, void *block, size_t bytes, enum vfa_memory_use use)
{
    if (!block)
        return;
    struct vfa_memory *memory = &gate->memory;
    if (memory->on_release)
        memory->on_release(memory->user, block, bytes, use);
    memory->release(memory->user, block, bytes, use);
    vfa__gate_count(gate, bytes, use, false);
}

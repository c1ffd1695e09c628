/* The record of frames made together, and what is cached for their maps: staging images, because making one
 * costs more than filling it (130 us on iHD), and host copies. Never derived images: drivers may move a
 * surface between two maps. */
#include "base/checked.h"
#include "va/driver.h"

static bool record_bytes(size_t count, size_t *out)
{
    size_t frames;
    return vfa__multiply(count, sizeof(struct vfa__va_frame), &frames) &&
           vfa__add(frames, sizeof(struct vfa__va_set), out);
}

struct vfa__va_set *vfa__va_set_new(struct vfa_va *va, const struct vfa_backend_host *host, size_t count)
{
    size_t bytes;
    struct vfa__va_set *set = NULL;
    if (record_bytes(count, &bytes))
        set = host->allocate(host, bytes, _Alignof(struct vfa__va_set), VFA_MEMORY_BOOK);
    if (!set)
        goto no_memory;
    set->va = va;
    set->record_bytes = bytes;
    set->max_count = count;
    set->idle_images = host->allocate(host, count * sizeof *set->idle_images, _Alignof(VAImage),
                                      VFA_MEMORY_BOOK); /* smaller than the record */
    set->idle_copies =
        host->allocate(host, count * sizeof *set->idle_copies, _Alignof(void *), VFA_MEMORY_BOOK);
    if (set->idle_images && set->idle_copies && pthread_mutex_init(&set->idle_lock, NULL) == 0)
        return set;
    host->release(host, set->idle_copies, count * sizeof *set->idle_copies, VFA_MEMORY_BOOK);
    host->release(host, set->idle_images, count * sizeof *set->idle_images, VFA_MEMORY_BOOK);
    host->release(host, set, bytes, VFA_MEMORY_BOOK);
no_memory:
    host->explain(host, "no memory for the record of %zu surfaces", count);
    return NULL;
}

mfxStatus vfa__va_set_join(const struct vfa_backend_host *host, struct vfa__va_set *set)
{
    struct vfa__va_frame *frame = &set->frame[set->count];
    for (size_t i = 0; i < set->count; i++) {
        if (set->frame[i].id != frame->id)
            continue;
        host->explain(host, "%s: success with the id 0x%x, which it gave before",
                      set->coded ? "vaCreateBuffer" : "vaCreateSurfaces", frame->id);
        atomic_fetch_sub_explicit(set->coded ? &set->va->counts.buffers : &set->va->counts.surfaces, 1,
                                  memory_order_relaxed); /* there is one, and it is the other frame's */
        return MFX_ERR_DEVICE_FAILED;
    }
    frame->set = set;
    set->count++;
    return MFX_ERR_NONE;
}

void vfa__va_set_delete(const struct vfa_backend_host *host, struct vfa__va_set *set)
{
    while (set->idle_image_count > 0)
        vfa__drv_destroy_image(set->va, set->idle_images[--set->idle_image_count].image_id);
    while (set->idle_copy_count > 0)
        host->release(host, set->idle_copies[--set->idle_copy_count], set->shape.layout.size_bytes,
                      VFA_MEMORY_FRAME);
    while (set->count > 0)
        vfa__va_frame_end(&set->frame[--set->count]);
    pthread_mutex_destroy(&set->idle_lock);
    host->release(host, set->idle_copies, set->max_count * sizeof *set->idle_copies, VFA_MEMORY_BOOK);
    host->release(host, set->idle_images, set->max_count * sizeof *set->idle_images, VFA_MEMORY_BOOK);
    host->release(host, set, set->record_bytes, VFA_MEMORY_BOOK);
}

mfxStatus vfa__va_image_take(const struct vfa_backend_host *host, struct vfa__va_set *set, VAImage *out)
{
    pthread_mutex_lock(&set->idle_lock);
    bool idle = set->idle_image_count > 0;
    if (idle)
        *out = set->idle_images[--set->idle_image_count];
    pthread_mutex_unlock(&set->idle_lock);
    if (idle)
        return MFX_ERR_NONE;
    VAStatus status = vfa__drv_create_image(set->va, &set->shape, out);
    return status == VA_STATUS_SUCCESS ? MFX_ERR_NONE
                                       : vfa__va_failed(set->va, host, "vaCreateImage", status);
}

/* There is room: an image is with one map at a time, and a frame has one map. */
void vfa__va_image_return(struct vfa__va_set *set, const VAImage *image)
{
    pthread_mutex_lock(&set->idle_lock);
    set->idle_images[set->idle_image_count++] = *image;
    pthread_mutex_unlock(&set->idle_lock);
}

void *vfa__va_copy_take(const struct vfa_backend_host *host, struct vfa__va_set *set)
{
    void *copy = NULL;
    pthread_mutex_lock(&set->idle_lock);
    if (set->idle_copy_count > 0)
        copy = set->idle_copies[--set->idle_copy_count];
    pthread_mutex_unlock(&set->idle_lock);
    if (copy)
        return copy;
    const struct vfa_layout *layout = &set->shape.layout;
    copy = host->allocate(host, layout->size_bytes, layout->alignment_bytes, VFA_MEMORY_FRAME);
    if (!copy)
        host->explain(host, "no memory for a copy of the frame, %zu bytes", layout->size_bytes);
    return copy;
}

void vfa__va_copy_return(struct vfa__va_set *set, void *copy)
{
    pthread_mutex_lock(&set->idle_lock);
    set->idle_copies[set->idle_copy_count++] = copy;
    pthread_mutex_unlock(&set->idle_lock);
}

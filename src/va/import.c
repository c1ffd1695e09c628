/* Surfaces over dma-bufs: made, proven to be what was asked for, and kept by key.
 *
 * A surface keeps its buffers alive, so an inode in the list is not given to another buffer meanwhile. */
#include "va/import.h"
#include "va/driver.h"
#include "va/export.h"

#include <assert.h>
#include <string.h>
#include <vfa/dmabuf.h>

/* --- proof */

/* What the driver says that the surface is, asked as one asks for an export. VA_STATUS_SUCCESS: `same` tells.
 */
static VAStatus compare_by_export(struct vfa_va *va, VASurfaceID surface,
                                  const struct vfa__va_picture *picture, bool *same)
{
    VADRMPRIMESurfaceDescriptor descriptor;
    struct vfa__va_picture made;
    const char *wrong;
    VAStatus status = vfa__va_export_any(va, surface, VA_EXPORT_SURFACE_READ_ONLY, &descriptor);
    if (status != VA_STATUS_SUCCESS)
        return status;
    *same = vfa__va_picture_read(&descriptor, &made, &wrong) == MFX_ERR_NONE &&
            vfa__va_picture_same(&made, picture);
    vfa__drv_close_fds(va, &descriptor);
    return VA_STATUS_SUCCESS;
}

/* For formats that are not exported. */
static VAStatus compare_by_image(struct vfa_va *va, VASurfaceID surface,
                                 const struct vfa__va_picture *picture, bool *same)
{
    VAImage image;
    VAStatus status = vfa__drv_derive_image(va, surface, &image);
    if (status != VA_STATUS_SUCCESS)
        return status;
    *same = picture->buffer_count == 1 && image.num_planes == picture->plane_count;
    for (uint32_t p = 0; *same && p < picture->plane_count; p++)
        *same = image.offsets[p] == picture->plane[p].offset && image.pitches[p] == picture->plane[p].pitch;
    vfa__drv_destroy_image(va, image.image_id);
    return VA_STATUS_SUCCESS;
}

/* Drivers answer success for layouts that they do not honour. iHD rounds offsets down to whole rows, takes
 * the chroma pitch from the luma, and every plane from the first object. */
static mfxStatus prove(struct vfa_va *va, const struct vfa_backend_host *host, VASurfaceID surface,
                       const struct vfa__va_picture *picture)
{
    bool same = false;
    VAStatus status = compare_by_export(va, surface, picture, &same);
    if (status != VA_STATUS_SUCCESS)
        status = compare_by_image(va, surface, picture, &same);
    if (status != VA_STATUS_SUCCESS) {
        mfxStatus result =
            vfa__va_failed(va, host, "vaExportSurfaceHandle and vaDeriveImage(import)", status);
        return result;
    }
    if (same)
        return MFX_ERR_NONE;
    host->explain(host,
                  "the driver takes the buffer, but not its layout: %u planes in %u buffers, the last at "
                  "offset %u with pitch %u",
                  picture->plane_count, picture->buffer_count,
                  picture->plane[picture->plane_count - 1].offset,
                  picture->plane[picture->plane_count - 1].pitch);
    return MFX_ERR_UNSUPPORTED;
}

/* --- one import; all with import_lock held */

static mfxStatus make(struct vfa_va *va, const struct vfa_backend_host *host,
                      const struct vfa__va_shape *shape, const VADRMPRIMESurfaceDescriptor *descriptor,
                      const struct vfa__va_picture *picture, struct vfa__va_import **out)
{
    struct vfa__va_import *import =
        vfa__gate_allocate(&va->gate, sizeof *import, _Alignof(struct vfa__va_import), VFA_MEMORY_BOOK);
    if (!import) {
        host->explain(host, "no memory for the record of an import");
        return MFX_ERR_MEMORY_ALLOC;
    }
    mfxStatus status = vfa__va_surface_import(va, host, shape, descriptor, &import->surface);
    if (status == MFX_ERR_NONE) {
        status = prove(va, host, import->surface, picture);
        if (status != MFX_ERR_NONE)
            vfa__va_surface_destroy(va, import->surface);
    }
    if (status != MFX_ERR_NONE) {
        vfa__gate_release(&va->gate, import, sizeof *import, VFA_MEMORY_BOOK);
        return status;
    }
    import->picture = *picture;
    import->rt_format = shape->format->va_rt_format;
    atomic_flag_clear(&import->mapped);
    atomic_fetch_add_explicit(&va->counts.imports, 1, memory_order_relaxed);
    *out = import;
    return MFX_ERR_NONE;
}

static void end(struct vfa_va *va, struct vfa__va_import *import)
{
    vfa__va_surface_destroy(va, import->surface);
    vfa__gate_release(&va->gate, import, sizeof *import, VFA_MEMORY_BOOK);
}

/* --- the list; all with import_lock held */

static void enlist(struct vfa_va *va, struct vfa__va_import *import)
{
    import->listed = true;
    import->next = va->imports;
    va->imports = import;
}

/* Takes what *link points at out of the list. It ends now, or with its last binding. */
static void unlist(struct vfa_va *va, struct vfa__va_import **link)
{
    struct vfa__va_import *import = *link;
    assert(import); /* idle_imports counts those in the list */
    *link = import->next;
    import->next = NULL;
    import->listed = false;
    if (import->bindings == 0) {
        va->idle_imports--;
        end(va, import);
    }
}

static struct vfa__va_import **find(struct vfa_va *va, uint64_t key)
{
    struct vfa__va_import **link = &va->imports;
    while (*link && (*link)->key != key)
        link = &(*link)->next;
    return link;
}

/* Those bound longest ago are last. What is idle is in the list. */
static void trim(struct vfa_va *va)
{
    while (va->idle_imports > va->idle_imports_max) {
        struct vfa__va_import **last = &va->imports;
        for (struct vfa__va_import **link = last; *link; link = &(*link)->next)
            if ((*link)->bindings == 0)
                last = link;
        unlist(va, last);
    }
}

static bool serves(const struct vfa__va_import *import, const struct vfa__va_shape *shape,
                   const struct vfa__va_picture *picture)
{
    const struct vfa__va_picture *have = &import->picture;
    return import->rt_format == shape->format->va_rt_format && have->va_fourcc == picture->va_fourcc &&
           have->width == picture->width && have->height == picture->height && have->identified &&
           picture->identified && vfa__va_picture_same(have, picture);
}

/* --- taken and returned */

/* The one under that key, if it is of this picture; NULL: there is none any more. */
static struct vfa__va_import *take_listed(struct vfa_va *va, const struct vfa__va_shape *shape,
                                          const struct vfa__va_picture *picture, uint64_t key)
{
    struct vfa__va_import **link = find(va, key);
    struct vfa__va_import *import = *link;
    if (!import || !serves(import, shape, picture))
        return NULL;
    if (import->bindings++ == 0)
        va->idle_imports--;
    *link = import->next;
    enlist(va, import);
    atomic_fetch_add_explicit(&va->counts.import_hits, 1, memory_order_relaxed);
    return import;
}

static mfxStatus take_new(struct vfa_va *va, const struct vfa_backend_host *host,
                          const struct vfa__va_shape *shape, const VADRMPRIMESurfaceDescriptor *descriptor,
                          const struct vfa__va_picture *picture, uint64_t key, struct vfa__va_import **out)
{
    mfxStatus status = make(va, host, shape, descriptor, picture, out);
    if (status != MFX_ERR_NONE)
        return status;
    (*out)->bindings = 1;
    (*out)->key = key;
    if (!key)
        return MFX_ERR_NONE;
    struct vfa__va_import **former = find(va, key);
    if (*former)
        unlist(va, former);
    enlist(va, *out);
    return MFX_ERR_NONE;
}

mfxStatus vfa__va_import_take(struct vfa_va *va, const struct vfa_backend_host *host,
                              const struct vfa__va_shape *shape,
                              const VADRMPRIMESurfaceDescriptor *descriptor,
                              const struct vfa__va_picture *picture, uint64_t key,
                              struct vfa__va_import **out)
{
    mfxStatus status = MFX_ERR_NONE;
    pthread_mutex_lock(&va->import_lock);
    *out = key ? take_listed(va, shape, picture, key) : NULL;
    if (!*out)
        status = take_new(va, host, shape, descriptor, picture, key, out);
    pthread_mutex_unlock(&va->import_lock);
    return status;
}

void vfa__va_import_return(struct vfa_va *va, struct vfa__va_import *import)
{
    pthread_mutex_lock(&va->import_lock);
    if (--import->bindings == 0) {
        if (import->listed) {
            va->idle_imports++;
            trim(va);
        } else {
            end(va, import);
        }
    }
    pthread_mutex_unlock(&va->import_lock);
}

mfxStatus vfa_va_import_forget(struct vfa_va *va, uint64_t key)
{
    if (!va)
        return MFX_ERR_NULL_PTR;
    pthread_mutex_lock(&va->import_lock);
    struct vfa__va_import **link = key ? find(va, key) : &va->imports;
    while (*link) {
        if (key || (*link)->bindings == 0)
            unlist(va, link);
        else
            link = &(*link)->next;
        if (key)
            break;
    }
    pthread_mutex_unlock(&va->import_lock);
    return MFX_ERR_NONE;
}

/* --- maps */

mfxStatus vfa__va_import_enter(const struct vfa_backend_host *host, struct vfa__va_import *import)
{
    if (!import || !atomic_flag_test_and_set_explicit(&import->mapped, memory_order_acquire))
        return MFX_ERR_NONE;
    host->explain(host, "its buffer is locked through another frame: unlock that one first");
    return MFX_ERR_LOCK_MEMORY;
}

void vfa__va_import_leave(struct vfa__va_import *import)
{
    if (import)
        atomic_flag_clear_explicit(&import->mapped, memory_order_release);
}

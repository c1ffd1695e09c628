/* A backend's beginning and end, and what an application may ask it outside an allocator. */
#include "va/open.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <vfa/dmabuf.h>

/* --- the services of a call that no allocator makes */

struct own_call {
    struct vfa_va *va;
    const char *name;
    char cause[VFA__VA_CAUSE_MAX];
};

static void *own_allocate(const struct vfa_backend_host *host, size_t bytes, size_t alignment,
                          enum vfa_memory_use use)
{
    struct own_call *call = host->context;
    return vfa__gate_allocate(&call->va->gate, bytes, alignment, use);
}

static void own_release(const struct vfa_backend_host *host, void *block, size_t bytes,
                        enum vfa_memory_use use)
{
    struct own_call *call = host->context;
    vfa__gate_release(&call->va->gate, block, bytes, use);
}

static void own_explain(const struct vfa_backend_host *host, const char *format, ...)
{
    struct own_call *call = host->context;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(call->cause, sizeof call->cause, format, args);
    va_end(args);
}

static struct vfa_backend_host own_host(struct own_call *call)
{
    return (struct vfa_backend_host){
        .context = call, .allocate = own_allocate, .release = own_release, .explain = own_explain};
}

static mfxStatus end_call(const struct own_call *call, mfxStatus status, struct vfa_error *error)
{
    struct vfa_error local;
    if (!error)
        error = &local;
    memset(error, 0, sizeof *error);
    if (status == MFX_ERR_NONE)
        return status;
    error->status = status;
    error->call = call->name;
    error->sequence = 1;
    (void)snprintf(error->text, sizeof error->text, "%s: %s%s%s", call->name, vfa_status_name(status),
                   call->cause[0] ? ": " : "", call->cause);
    vfa__log(&call->va->log, VFA_LOG_ERROR, "%s", error->text);
    return status;
}

/* --- create and destroy */

/* Drivers list some 30. */
#define IMAGE_FORMATS_MAX 4096

static bool table_is_whole(const struct vfa_va_api *api)
{
    return api->get_display_drm && api->initialize && api->terminate && api->query_vendor_string &&
           api->max_num_image_formats && api->query_image_formats && api->create_surfaces &&
           api->destroy_surfaces && api->sync_surface && api->derive_image && api->create_image &&
           api->destroy_image && api->get_image && api->put_image && api->create_buffer &&
           api->destroy_buffer && api->map_buffer && api->unmap_buffer && api->export_surface_handle;
}

static bool is_way(enum vfa_va_way way)
{
    return (unsigned int)way < VFA_VA_WAYS;
}

static mfxStatus check_config(const struct vfa_va_config *config, const struct vfa_va_api *api)
{
    if (config->size != sizeof *config || api->size != sizeof *api || !table_is_whole(api))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    for (size_t d = 0; d < VFA_VA_DIRECTIONS; d++)
        if (!is_way(config->way[d]))
            return MFX_ERR_INVALID_VIDEO_PARAM;
    return MFX_ERR_NONE;
}

/* The list tells which bytes a name means; a driver without one is taken at the names' word. */
static mfxStatus read_image_formats(struct vfa_va *va, const struct vfa_backend_host *host)
{
    int count = va->api.max_num_image_formats(va->display);
    if (count <= 0)
        return MFX_ERR_NONE;
    if (count > IMAGE_FORMATS_MAX) {
        host->explain(host, "vaMaxNumImageFormats: %d image formats cannot be", count);
        return MFX_ERR_DEVICE_FAILED;
    }
    va->image_formats_bytes = (size_t)count * sizeof *va->image_formats;
    va->image_formats =
        vfa__gate_allocate(&va->gate, va->image_formats_bytes, _Alignof(VAImageFormat), VFA_MEMORY_BOOK);
    if (!va->image_formats) {
        host->explain(host, "no memory for the list of %d image formats", count);
        return MFX_ERR_MEMORY_ALLOC;
    }
    int found = 0;
    VAStatus status = va->api.query_image_formats(va->display, va->image_formats, &found);
    if (status != VA_STATUS_SUCCESS)
        return vfa__va_failed(va, host, "vaQueryImageFormats", status);
    va->image_format_count = found < 0 ? 0 : found < count ? (size_t)found : (size_t)count;
    return MFX_ERR_NONE;
}

static mfxStatus make_locks(struct vfa_va *va, const struct vfa_backend_host *host)
{
    if (pthread_mutex_init(&va->policy_lock, NULL) == 0) {
        if (pthread_mutex_init(&va->import_lock, NULL) == 0)
            return MFX_ERR_NONE;
        pthread_mutex_destroy(&va->policy_lock);
    }
    host->explain(host, "no memory for a mutex");
    return MFX_ERR_MEMORY_ALLOC;
}

static mfxStatus set_up(struct vfa_va *va, const struct vfa_backend_host *host,
                        const struct vfa_va_config *config)
{
    va->fd = -1;
    va->display = config->display;
    va->log = config->log;
    mfxU32 timeout_ms = config->sync_timeout_ms ? config->sync_timeout_ms : 10000;
    va->sync_timeout_ns = (uint64_t)timeout_ms * 1000000;
    va->idle_imports_max = config->import_cache ? config->import_cache : 32;
    for (size_t f = 0; f < VFA__VA_FORMATS_MAX; f++)
        for (size_t d = 0; d < VFA_VA_DIRECTIONS; d++)
            atomic_init(&va->forced[f][d], (uint_fast8_t)config->way[d]);
    mfxStatus status = MFX_ERR_NONE;
    if (!va->display)
        status = vfa__va_open_display(va, host, config->device);
    if (status != MFX_ERR_NONE)
        return status;
    const char *vendor = va->api.query_vendor_string(va->display);
    (void)snprintf(va->vendor, sizeof va->vendor, "%s", vendor ? vendor : "");
    status = read_image_formats(va, host);
    if (status == MFX_ERR_NONE)
        status = make_locks(va, host);
    if (status != MFX_ERR_NONE) {
        vfa__gate_release(&va->gate, va->image_formats, va->image_formats_bytes, VFA_MEMORY_BOOK);
        vfa__va_close_display(va);
    }
    return status;
}

static mfxStatus fail_create(struct vfa_error *error, mfxStatus status, const char *text)
{
    if (!error)
        return status;
    memset(error, 0, sizeof *error);
    error->status = status;
    error->call = "vfa_va_create";
    error->sequence = 1;
    (void)snprintf(error->text, sizeof error->text, "vfa_va_create: %s: %s", vfa_status_name(status), text);
    return status;
}

mfxStatus vfa_va_create(struct vfa_va **out, const struct vfa_va_config *config, struct vfa_error *error)
{
    const struct vfa_va_config defaults = vfa_va_config_defaults();
    struct vfa__gate gate;
    if (!out)
        return fail_create(error, MFX_ERR_NULL_PTR, "`out` is NULL");
    *out = NULL;
    if (!config)
        config = &defaults;
    const struct vfa_va_api *api = config->api ? config->api : vfa_va_api_libva();
    mfxStatus status = check_config(config, api);
    if (status == MFX_ERR_NONE)
        status = vfa__gate_init(&gate, config->memory);
    if (status != MFX_ERR_NONE)
        return fail_create(error, status, "a struct of another size, a missing function, or an unknown way");
    struct vfa_va *va = vfa__gate_allocate(&gate, sizeof *va, _Alignof(struct vfa_va), VFA_MEMORY_BOOK);
    if (!va)
        return fail_create(error, MFX_ERR_MEMORY_ALLOC, "no memory for the backend itself");
    va->gate = gate; /* with the backend itself counted */
    va->api = *api;
    struct own_call call = {.va = va, .name = "vfa_va_create"};
    struct vfa_backend_host host = own_host(&call);
    status = end_call(&call, set_up(va, &host, config), error);
    if (status != MFX_ERR_NONE) {
        gate = va->gate;
        vfa__gate_release(&gate, va, sizeof *va, VFA_MEMORY_BOOK);
        return status;
    }
    *out = va;
    return MFX_ERR_NONE;
}

void vfa_va_destroy(struct vfa_va **pointer)
{
    if (!pointer || !*pointer)
        return;
    struct vfa_va *va = *pointer;
    *pointer = NULL;
    (void)vfa_va_import_forget(va, 0);
    while (va->policies) {
        struct vfa__va_policy *policy = va->policies;
        va->policies = policy->next;
        vfa__gate_release(&va->gate, policy, sizeof *policy, VFA_MEMORY_BOOK);
    }
    vfa__gate_release(&va->gate, va->image_formats, va->image_formats_bytes, VFA_MEMORY_BOOK);
    vfa__va_close_display(va);
    pthread_mutex_destroy(&va->import_lock);
    pthread_mutex_destroy(&va->policy_lock);
    struct vfa__gate gate = va->gate;
    vfa__gate_release(&gate, va, sizeof *va, VFA_MEMORY_BOOK);
}

/* --- questions */

VADisplay vfa_va_display(const struct vfa_va *va)
{
    return va ? va->display : NULL;
}

const char *vfa_va_vendor(const struct vfa_va *va)
{
    return va ? va->vendor : "";
}

const char *vfa_va_device(const struct vfa_va *va)
{
    return va ? va->device : "";
}

void vfa_va_display_lost(struct vfa_va *va)
{
    if (va)
        atomic_store_explicit(&va->lost, true, memory_order_release);
}

mfxStatus vfa_va_set_way(struct vfa_va *va, mfxU32 fourcc, enum vfa_va_direction direction,
                         enum vfa_va_way way)
{
    if (!va)
        return MFX_ERR_NULL_PTR;
    const struct vfa_format *format = vfa_format_find(fourcc);
    if (fourcc && !format)
        return MFX_ERR_UNSUPPORTED;
    if ((unsigned int)direction >= VFA_VA_DIRECTIONS || !is_way(way))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    size_t first = format ? (size_t)(format - vfa_format_at(0)) : 0;
    size_t end = format ? first + 1 : vfa_format_count();
    for (size_t f = first; f < end; f++)
        atomic_store_explicit(&va->forced[f][direction], (uint_fast8_t)way, memory_order_relaxed);
    return MFX_ERR_NONE;
}

static mfxStatus probe(struct vfa_va *va, const struct vfa_backend_host *host, const mfxFrameInfo *info,
                       mfxU16 type, struct vfa_va_facts *out)
{
    struct vfa__va_shape shape;
    const struct vfa__va_policy *policy = NULL;
    mfxStatus status = vfa__va_check_lost(va, host);
    if (status == MFX_ERR_NONE)
        status = vfa__va_shape(va, host, info, type, &shape);
    if (status != MFX_ERR_NONE)
        return status;
    if (shape.format->linear) {
        host->explain(host, "%s is a buffer of the driver, not a surface", shape.format->name);
        return MFX_ERR_UNSUPPORTED;
    }
    status = vfa__va_policy(va, host, &shape, &policy);
    if (status == MFX_ERR_NONE)
        *out = policy->facts;
    return status;
}

mfxStatus vfa_va_probe(struct vfa_va *va, const mfxFrameInfo *info, mfxU16 type, struct vfa_va_facts *out,
                       struct vfa_error *error)
{
    if (out)
        memset(out, 0, sizeof *out);
    if (!va || !info || !out)
        return MFX_ERR_NULL_PTR;
    struct own_call call = {.va = va, .name = "vfa_va_probe"};
    struct vfa_backend_host host = own_host(&call);
    return end_call(&call, probe(va, &host, info, type, out), error);
}

mfxStatus vfa_va_stats(const struct vfa_va *va, struct vfa_va_stats *out)
{
    if (!out)
        return MFX_ERR_NULL_PTR;
    memset(out, 0, sizeof *out);
    if (!va)
        return MFX_ERR_NULL_PTR;
    const struct vfa__va_counts *counts = &va->counts;
    out->surfaces = atomic_load_explicit(&counts->surfaces, memory_order_relaxed);
    out->images = atomic_load_explicit(&counts->images, memory_order_relaxed);
    out->buffers = atomic_load_explicit(&counts->buffers, memory_order_relaxed);
    out->mappings = atomic_load_explicit(&counts->mappings, memory_order_relaxed);
    out->fds = atomic_load_explicit(&counts->fds, memory_order_relaxed);
    for (size_t w = 0; w < VFA_VA_WAYS; w++)
        out->maps[w] = atomic_load_explicit(&counts->maps[w], memory_order_relaxed);
    out->writebacks = atomic_load_explicit(&counts->writebacks, memory_order_relaxed);
    out->syncs = atomic_load_explicit(&counts->syncs, memory_order_relaxed);
    out->driver_errors = atomic_load_explicit(&counts->driver_errors, memory_order_relaxed);
    out->imports = atomic_load_explicit(&counts->imports, memory_order_relaxed);
    out->import_hits = atomic_load_explicit(&counts->import_hits, memory_order_relaxed);
    return MFX_ERR_NONE;
}

/* Allocators to be judged: from a plug-in, or this project's own over system memory. */
#include "formats.h"
#include "kit.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What a plug-in and this program agree on: the sizes of API 2.x where pointers have 64 bits. */
#if UINTPTR_MAX > 0xffffffff
_Static_assert(sizeof(mfxFrameAllocator) == 64, "mfxFrameAllocator");
_Static_assert(sizeof(mfxFrameAllocRequest) == 92, "mfxFrameAllocRequest");
_Static_assert(sizeof(mfxFrameAllocResponse) == 32, "mfxFrameAllocResponse");
_Static_assert(sizeof(mfxFrameSurface1) == 184, "mfxFrameSurface1");
_Static_assert(sizeof(mfxFrameSurfaceInterface) == 112, "mfxFrameSurfaceInterface");
#endif

/* ISO C has no conversion from an object pointer to a function's. */
static vfa_conform_open_fn *find_open(void *library)
{
    vfa_conform_open_fn *function = NULL;
    void *symbol = dlsym(library, "vfa_conform_open");
    memcpy(&function, &symbol, sizeof function);
    return function;
}

/* A name without a slash is that of a file too, if there is one: dlopen alone would look for it among the
 * system's libraries. */
static void *load(const char *name)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "./%s", name);
    bool here = !strchr(name, '/') && length < (int)sizeof path && access(path, F_OK) == 0;
    return dlopen(here ? path : name, RTLD_NOW | RTLD_LOCAL);
}

/* The library stays loaded: its code may be on other threads' stacks, and checkers want its symbols. */
static bool open_plugin(const struct conform_source *source, struct vfa_conform_subject *subject, char *why,
                        size_t why_bytes)
{
    void *library = load(source->plugin);
    if (!library) {
        (void)snprintf(why, why_bytes, "%s", dlerror());
        return false;
    }
    vfa_conform_open_fn *open = find_open(library);
    if (!open) {
        (void)snprintf(why, why_bytes, "%s exports no vfa_conform_open", source->plugin);
        return false;
    }
    mfxStatus status = open(source->options ? source->options : "", subject);
    if (status == MFX_ERR_NONE)
        return true;
    (void)snprintf(why, why_bytes, "vfa_conform_open of %s answers %s", source->plugin,
                   conform_status_text(status));
    return false;
}

/* No rule would try what the kit does not know. */
static bool are_known(const mfxU32 *formats, const char *list, char *why, size_t why_bytes)
{
    while (formats && *formats && conform_format_find(*formats))
        formats++;
    if (!formats || !*formats)
        return true;
    (void)snprintf(why, why_bytes, "vfa_conform_open lists 0x%08x in `%s`, which is no frame format of VPL",
                   *formats, list);
    return false;
}

static bool is_complete(const struct vfa_conform_subject *subject, char *why, size_t why_bytes)
{
    const mfxU16 kinds = MFX_MEMTYPE_SYSTEM_MEMORY | CONFORM_VIDEO_TARGETS;
    if (subject->allocator && (subject->memory & kinds))
        return are_known(subject->system_formats, "system_formats", why, why_bytes) &&
               are_known(subject->video_formats, "video_formats", why, why_bytes);
    (void)snprintf(why, why_bytes, "vfa_conform_open left %s",
                   subject->allocator ? "`memory` without a kind of memory" : "`allocator` NULL");
    return false;
}

static bool open_built_in(const struct conform_source *source, struct vfa_conform_subject *subject, char *why,
                          size_t why_bytes)
{
    why[0] = '\0';
    mfxStatus status =
        source->node ? conform_open_va(source->node, subject, why, why_bytes) : conform_open_system(subject);
    if (status != MFX_ERR_NONE && !why[0])
        (void)snprintf(why, why_bytes, "the built-in allocator: %s", conform_status_text(status));
    return status == MFX_ERR_NONE;
}

bool conform_open(const struct conform_source *source, struct vfa_conform_subject *subject, char *why,
                  size_t why_bytes)
{
    memset(subject, 0, sizeof *subject);
    subject->size = sizeof *subject;
    bool opened = source->plugin ? open_plugin(source, subject, why, why_bytes)
                                 : open_built_in(source, subject, why, why_bytes);
    if (!opened)
        return false;
    if (is_complete(subject, why, why_bytes))
        return true;
    conform_close(subject);
    return false;
}

void conform_close(struct vfa_conform_subject *subject)
{
    if (subject->close)
        subject->close(subject);
    memset(subject, 0, sizeof *subject);
}

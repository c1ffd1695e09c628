/* The VPL runtime: found by the dispatcher, opened as a session, given our allocator. */
#include "runtime.h"

#include "formats.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <vfa/session.h>

/* An operation that has not ended by then never will. */
#define SYNC_TIMEOUT_MS 300000

static bool decodes(const mfxImplDescription *description, mfxU32 codec)
{
    for (mfxU16 i = 0; i < description->Dec.NumCodecs; i++)
        if (description->Dec.Codecs[i].CodecID == codec)
            return true;
    return codec == 0;
}

static bool encodes(const mfxImplDescription *description, mfxU32 codec)
{
    for (mfxU16 i = 0; i < description->Enc.NumCodecs; i++)
        if (description->Enc.Codecs[i].CodecID == codec)
            return true;
    return codec == 0;
}

static enum exit_code load(struct runtime *runtime, mfxImplType impl)
{
    runtime->loader = MFXLoad();
    if (!runtime->loader)
        return fail(EXIT_NO_RUNTIME, "the VPL dispatcher does not start: MFXLoad failed");
    if (!impl)
        return EXIT_DONE;
    mfxConfig config = MFXCreateConfig(runtime->loader);
    mfxVariant wanted = {.Type = MFX_VARIANT_TYPE_U32, .Data.U32 = (mfxU32)impl};
    if (!config || MFXSetConfigFilterProperty(config, (const mfxU8 *)"mfxImplDescription.Impl", wanted) < 0)
        return fail(EXIT_INTERNAL, "the VPL dispatcher refuses a filter on mfxImplDescription.Impl");
    return EXIT_DONE;
}

static void remember(struct runtime *runtime, const mfxImplDescription *description)
{
    snprintf(runtime->name, sizeof runtime->name, "%.*s", (int)sizeof description->ImplName - 1,
             description->ImplName);
    runtime->version = description->ApiVersion;
    runtime->impl = description->Impl;
}

/* What a search through the runtimes came upon. */
struct search {
    mfxU32 count;
    char last[MFX_STRFIELD_LEN]; /* the name of the last one */
    mfxStatus refusal;           /* by the last one that did not open */
};

/* The dispatcher lists runtimes best first. The first that can do the work by its own description, and opens,
 * is taken. */
static bool open_first(struct runtime *runtime, mfxU32 decode, mfxU32 encode, struct search *search)
{
    mfxHDL handle;

    for (search->count = 0; MFXEnumImplementations(runtime->loader, search->count,
                                                   MFX_IMPLCAPS_IMPLDESCSTRUCTURE, &handle) == MFX_ERR_NONE;
         search->count++) {
        const mfxImplDescription *description = handle;
        bool able = decodes(description, decode) && encodes(description, encode);

        remember(runtime, description);
        memcpy(search->last, runtime->name, sizeof search->last);
        MFXDispReleaseImplDescription(runtime->loader, handle);
        if (!able)
            continue;
        search->refusal = MFXCreateSession(runtime->loader, search->count, &runtime->session);
        if (search->refusal == MFX_ERR_NONE)
            return true;
    }
    return false;
}

/* Descriptions leave out what a device encodes in low-power mode only: where no runtime claims to encode
 * that, Query has the last word. */
static enum exit_code open_session(struct runtime *runtime, mfxU32 decode, mfxU32 encode)
{
    struct search search = {.refusal = MFX_ERR_NONE};

    if (open_first(runtime, decode, encode, &search) || open_first(runtime, decode, 0, &search))
        return EXIT_DONE;
    if (search.count == 0)
        return fail(EXIT_NO_RUNTIME,
                    "no VPL runtime found, or none of that kind: install one, or name its folder in "
                    "ONEVPL_SEARCH_PATH");
    if (search.refusal != MFX_ERR_NONE)
        return fail(EXIT_NO_RUNTIME, "the VPL runtime '%s' does not open: MFXCreateSession answers %s",
                    search.last, vfa_status_name(search.refusal));
    return fail(EXIT_UNSUPPORTED,
                "no VPL runtime here decodes %s and encodes %s (%u found, the last is '%s'); try "
                "another --codec or --impl",
                codec_name(decode), codec_name(encode), search.count, search.last);
}

void runtime_leave_video(struct runtime *runtime, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(runtime->why_system, sizeof runtime->why_system, format, args);
    va_end(args);
    runtime->video = false;
}

static bool is_device_optional(const struct options *options)
{
    return options->memory == MEMORY_AUTO && !options->device;
}

static struct vfa_log log_of(const struct options *options, enum vfa_log_level quiet)
{
    return (struct vfa_log){.write = vfa_log_stderr, .level = options->verbose ? VFA_LOG_DEBUG : quiet};
}

/* What the device cannot do is asked for on purpose, and no error of the program: its log is for --verbose.
 */
static enum exit_code open_device(struct runtime *runtime, const struct options *options)
{
    struct vfa_log log = options->verbose ? log_of(options, VFA_LOG_DEBUG) : (struct vfa_log){0};

    if (options->memory == MEMORY_SYSTEM)
        return EXIT_DONE;
    runtime->video = device_open(&runtime->device, options->device, &log);
    if (runtime->video)
        return EXIT_DONE;
    if (!is_device_optional(options))
        return fail(EXIT_DEVICE, "no frames in VA-API surfaces: %s; --memory system needs no device",
                    runtime->device.why);
    runtime_leave_video(runtime, "%s", runtime->device.why);
    return EXIT_DONE;
}

/* Both kinds of memory, so that each request is served by its type. */
static mfxStatus make_allocator(struct runtime *runtime, const struct options *options)
{
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    struct vfa_backend backends[2];
    mfxStatus status = MFX_ERR_NONE;

    if (runtime->video)
        status = device_backend(&runtime->device, &backends[config.backend_count++]);
    if (status == MFX_ERR_NONE)
        status = vfa_backend_system(NULL, &backends[config.backend_count++]);
    if (status != MFX_ERR_NONE)
        return status;
    config.name = program_name;
    config.log = log_of(options, VFA_LOG_WARNING);
    config.backend = backends;
    return vfa_allocator_create(&runtime->allocator, &config);
}

/* A session that refuses the display may still take frames in system memory. */
static mfxStatus attach_session(struct runtime *runtime, const struct options *options)
{
    struct vfa_session_device device = {MFX_HANDLE_VA_DISPLAY, device_display(&runtime->device)};
    mfxStatus status =
        vfa_session_attach(runtime->session, runtime->video ? &device : NULL, runtime->allocator);

    if (status == MFX_ERR_NONE || !runtime->video || !is_device_optional(options))
        return status;
    runtime_leave_video(runtime, "the runtime '%s' refuses the display of %s: %s", runtime->name,
                        device_path(&runtime->device), vfa_status_name(status));
    return vfa_session_attach(runtime->session, NULL, runtime->allocator);
}

static enum exit_code attach(struct runtime *runtime, const struct options *options)
{
    mfxStatus status = make_allocator(runtime, options);

    if (status != MFX_ERR_NONE)
        return runtime_fail(runtime, "vfa_allocator_create", status, "making the allocator");
    status = attach_session(runtime, options);
    if (status != MFX_ERR_NONE)
        return runtime_fail(runtime, "vfa_session_attach", status, "giving '%s' our %sallocator",
                            runtime->name, runtime->video ? "display and " : "");
    return EXIT_DONE;
}

enum exit_code runtime_open(struct runtime *runtime, const struct options *options, mfxU32 decode,
                            mfxU32 encode)
{
    memset(runtime, 0, sizeof *runtime);
    enum exit_code code = open_device(runtime, options);
    if (code == EXIT_DONE)
        code = load(runtime, options->impl);
    if (code == EXIT_DONE)
        code = open_session(runtime, decode, encode);
    if (code == EXIT_DONE)
        code = attach(runtime, options);
    if (code != EXIT_DONE)
        runtime_close(runtime);
    return code;
}

/* The session first: a runtime may use the allocator until MFXClose returns; the display last. */
void runtime_close(struct runtime *runtime)
{
    if (runtime->session)
        MFXClose(runtime->session);
    runtime->session = NULL;
    if (runtime->loader)
        MFXUnload(runtime->loader);
    runtime->loader = NULL;
    vfa_allocator_destroy(&runtime->allocator);
    uint64_t left = device_close(&runtime->device);
    if (left)
        warn("%llu surfaces, images, buffers, mappings or files of the VA driver were not given back",
             (unsigned long long)left);
}

static enum exit_code code_of(mfxStatus status)
{
    switch (status) {
    case MFX_ERR_MEMORY_ALLOC:
        return EXIT_MEMORY;
    case MFX_ERR_UNSUPPORTED:
    case MFX_ERR_INVALID_VIDEO_PARAM:
    case MFX_ERR_INCOMPATIBLE_VIDEO_PARAM:
    case MFX_ERR_NOT_IMPLEMENTED:
        return EXIT_UNSUPPORTED;
    default:
        return EXIT_RUNTIME;
    }
}

static const char *advice(mfxStatus status)
{
    switch (status) {
    case MFX_ERR_MEMORY_ALLOC:
        return "; a smaller --async or --size needs less memory";
    case MFX_ERR_DEVICE_LOST:
    case MFX_ERR_DEVICE_FAILED:
    case MFX_ERR_GPU_HANG:
        return "; the device has failed: try again, or --impl software";
    case MFX_ERR_ABORTED:
        return "; a stage before it failed";
    case MFX_WRN_IN_EXECUTION:
        return "; the runtime has stopped working: try again, or another --impl";
    case MFX_ERR_UNSUPPORTED:
    case MFX_ERR_INVALID_VIDEO_PARAM:
        return "; try another --codec, --size, --preset or --impl";
    default:
        return "";
    }
}

/* Why a call was aborted: "" where nobody knows. `status` becomes that of what failed by itself. */
static void find_cause(const struct runtime *runtime, mfxStatus *status, char *text, size_t size)
{
    struct trail_step step;
    mfxStatus cause;

    text[0] = '\0';
    if (*status != MFX_ERR_ABORTED || !trail_failed(&runtime->trail, runtime->session, &step, &cause))
        return;
    *status = cause;
    snprintf(text, size, ", because %s frame %llu ended with %s (%s)", step.doing,
             (unsigned long long)step.frame, vfa_status_name(cause), step.call);
}

enum exit_code runtime_fail(struct runtime *runtime, const char *call, mfxStatus status, const char *format,
                            ...)
{
    struct vfa_error error = {.status = MFX_ERR_NONE};
    char what[256], why[256];
    mfxStatus cause = status;
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    find_cause(runtime, &cause, why, sizeof why);
    if (runtime->allocator)
        (void)vfa_last_error(runtime->allocator, &error);
    bool news = error.status != MFX_ERR_NONE && error.sequence > runtime->errors_told;
    runtime->errors_told = error.sequence;
    return fail(code_of(cause), "%s: %s answers %s%s%s%s%s", what, call, vfa_status_name(status), why,
                advice(cause), news ? "; the allocator says: " : "", news ? error.text : "");
}

void runtime_settle(struct runtime *runtime, mfxSyncPoint sync)
{
    if (sync)
        (void)MFXVideoCORE_SyncOperation(runtime->session, sync, SYNC_TIMEOUT_MS);
}

enum exit_code runtime_sync(struct runtime *runtime, mfxSyncPoint sync, const char *what)
{
    mfxStatus status = MFXVideoCORE_SyncOperation(runtime->session, sync, SYNC_TIMEOUT_MS);

    if (status < MFX_ERR_NONE || status == MFX_WRN_IN_EXECUTION)
        return runtime_fail(runtime, "MFXVideoCORE_SyncOperation", status, "waiting for %s", what);
    return EXIT_DONE;
}

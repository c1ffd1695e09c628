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

/* The dispatcher lists runtimes best first. The first that can do the work, and opens, is taken. */
static enum exit_code open_session(struct runtime *runtime, mfxU32 decode, mfxU32 encode)
{
    mfxHDL handle;
    char last[MFX_STRFIELD_LEN] = "";
    mfxStatus refusal = MFX_ERR_NONE;
    mfxU32 i = 0;

    for (;
         MFXEnumImplementations(runtime->loader, i, MFX_IMPLCAPS_IMPLDESCSTRUCTURE, &handle) == MFX_ERR_NONE;
         i++) {
        const mfxImplDescription *description = handle;
        bool able = decodes(description, decode) && encodes(description, encode);

        remember(runtime, description);
        memcpy(last, runtime->name, sizeof last);
        MFXDispReleaseImplDescription(runtime->loader, handle);
        if (!able)
            continue;
        refusal = MFXCreateSession(runtime->loader, i, &runtime->session);
        if (refusal == MFX_ERR_NONE)
            return EXIT_DONE;
    }
    if (i == 0)
        return fail(EXIT_NO_RUNTIME,
                    "no VPL runtime found, or none of that kind: install one, or name its folder in "
                    "ONEVPL_SEARCH_PATH");
    if (refusal != MFX_ERR_NONE)
        return fail(EXIT_NO_RUNTIME, "the VPL runtime '%s' does not open: MFXCreateSession answers %s", last,
                    vfa_status_name(refusal));
    return fail(EXIT_UNSUPPORTED,
                "no VPL runtime here decodes %s and encodes %s (%u found, the last is '%s'); try "
                "another --codec or --impl",
                codec_name(decode), codec_name(encode), i, last);
}

static enum exit_code attach(struct runtime *runtime, const struct options *options)
{
    struct vfa_allocator_config config = vfa_allocator_config_defaults();

    config.name = "sample_transcode";
    config.log.write = vfa_log_stderr;
    config.log.level = options->verbose ? VFA_LOG_DEBUG : VFA_LOG_WARNING;
    mfxStatus status = vfa_allocator_create(&runtime->allocator, &config);
    if (status != MFX_ERR_NONE)
        return runtime_fail(runtime, "vfa_allocator_create", status, "making the allocator");
    /* No device: frames in system memory need none. */
    status = vfa_session_attach(runtime->session, NULL, runtime->allocator);
    if (status != MFX_ERR_NONE)
        return runtime_fail(runtime, "MFXVideoCORE_SetFrameAllocator", status, "giving '%s' our allocator",
                            runtime->name);
    return EXIT_DONE;
}

enum exit_code runtime_open(struct runtime *runtime, const struct options *options, mfxU32 decode,
                            mfxU32 encode)
{
    memset(runtime, 0, sizeof *runtime);
    if (options->memory == MEMORY_VA)
        return fail(EXIT_UNSUPPORTED,
                    "this build has no frames in VA-API surfaces; --memory system works everywhere");
    enum exit_code code = load(runtime, options->impl);
    if (code == EXIT_DONE)
        code = open_session(runtime, decode, encode);
    if (code == EXIT_DONE)
        code = attach(runtime, options);
    if (code != EXIT_DONE)
        runtime_close(runtime);
    return code;
}

/* The session first: a runtime may use the allocator until MFXClose returns. */
void runtime_close(struct runtime *runtime)
{
    if (runtime->session)
        MFXClose(runtime->session);
    runtime->session = NULL;
    vfa_allocator_destroy(&runtime->allocator);
    if (runtime->loader)
        MFXUnload(runtime->loader);
    runtime->loader = NULL;
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
    case MFX_WRN_IN_EXECUTION:
        return "; the runtime has stopped working: try again, or another --impl";
    case MFX_ERR_UNSUPPORTED:
    case MFX_ERR_INVALID_VIDEO_PARAM:
        return "; try another --codec, --size, --preset or --impl";
    default:
        return "";
    }
}

enum exit_code runtime_fail(struct runtime *runtime, const char *call, mfxStatus status, const char *format,
                            ...)
{
    struct vfa_error error = {.status = MFX_ERR_NONE};
    char what[256];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    if (runtime->allocator)
        (void)vfa_last_error(runtime->allocator, &error);
    bool news = error.status != MFX_ERR_NONE && error.sequence > runtime->errors_told;
    runtime->errors_told = error.sequence;
    return fail(code_of(status), "%s: %s answers %s%s%s%s", what, call, vfa_status_name(status),
                advice(status), news ? "; the allocator says: " : "", news ? error.text : "");
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

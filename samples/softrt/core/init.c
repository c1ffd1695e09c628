/* The ways in: MFXInitialize, and the MFXInit and MFXInitEx of API 1.x, which the older dispatcher calls. */
#include "core/component.h"
#include "core/guise.h"

static const mfxVersion api = {{.Major = SRT_API_MAJOR, .Minor = SRT_API_MINOR}};
static const mfxVersion legacy_api = {{.Major = SRT_LEGACY_MAJOR, .Minor = SRT_LEGACY_MINOR}};

static mfxU16 threads_asked(mfxExtBuffer *const *buffers, mfxU16 count)
{
    const mfxExtBuffer *buffer = srt_ext_buffer(buffers, count, MFX_EXTBUFF_THREADS_PARAM);

    return buffer && buffer->BufferSz >= sizeof(mfxExtThreadsParam)
               ? ((const mfxExtThreadsParam *)buffer)->NumThread
               : 0;
}

mfxStatus srt_MFXInitialize(mfxInitializationParam par, mfxSession *session)
{
    struct srt_session_config config = {.semi_planar = srt_is_hardware(), .version = api};
    mfxAccelerationMode mode = srt_is_hardware() ? MFX_ACCEL_MODE_VIA_VAAPI : MFX_ACCEL_MODE_NA;

    if (!session)
        return MFX_ERR_NULL_PTR;
    *session = NULL;
    if (srt_guise() == SRT_GUISE_UNKNOWN || par.AccelerationMode != mode)
        return MFX_ERR_UNSUPPORTED;
    config.num_threads = threads_asked(par.ExtParam, par.NumExtParam);
    return srt_session_open(&config, session);
}

/* Which API a client that asks for `version` gets: version 0.0, which is none, gets the newest. */
static const mfxVersion *version_for(mfxVersion version)
{
    return version.Major == SRT_LEGACY_MAJOR ? &legacy_api : &api;
}

static bool is_served(mfxVersion version)
{
    const mfxVersion *ours = version_for(version);

    return version.Major < ours->Major || (version.Major == ours->Major && version.Minor <= ours->Minor);
}

/* Is it this guise that is asked for? The automatic ones get whichever there is, as the API says. One device:
 * HARDWARE2 to HARDWARE4 would be others. */
static bool is_ours(mfxIMPL impl)
{
    mfxIMPL via = impl & (mfxIMPL)~MFX_IMPL_BASETYPE(impl);

    switch (MFX_IMPL_BASETYPE(impl)) {
    case MFX_IMPL_SOFTWARE:
        return srt_guise() == SRT_GUISE_SOFTWARE;
    case MFX_IMPL_HARDWARE:
    case MFX_IMPL_HARDWARE_ANY:
        if (!srt_is_hardware())
            return false;
        break;
    case MFX_IMPL_AUTO:
    case MFX_IMPL_AUTO_ANY:
        break;
    default:
        return false;
    }
    if (srt_guise() == SRT_GUISE_SOFTWARE)
        return true;
    return srt_is_hardware() && (!via || via == MFX_IMPL_VIA_ANY || via == MFX_IMPL_VIA_VAAPI);
}

/* Who comes in here was written for API 1.x, whatever version it asks for, and knows nothing of I420:
 * decoders propose NV12. */
static mfxStatus open_legacy(const mfxInitParam *par, mfxSession *session)
{
    struct srt_session_config config = {.semi_planar = true, .version = *version_for(par->Version)};

    if (!session)
        return MFX_ERR_NULL_PTR;
    *session = NULL;
    if (!is_ours(par->Implementation) || !is_served(par->Version) || par->ExternalThreads)
        return MFX_ERR_UNSUPPORTED;
    config.num_threads = threads_asked(par->ExtParam, par->NumExtParam);
    return srt_session_open(&config, session);
}

mfxStatus srt_MFXInitEx(mfxInitParam par, mfxSession *session)
{
    return open_legacy(&par, session);
}

mfxStatus srt_MFXInit(mfxIMPL impl, mfxVersion *ver, mfxSession *session)
{
    mfxInitParam par = {.Implementation = impl};

    if (ver)
        par.Version = *ver;
    return open_legacy(&par, session);
}

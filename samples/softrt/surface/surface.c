/* An application's mfxFrameSurface1: is it fit for use, who holds it, where are its bytes. */
#include "core/component.h"
#include "core/guise.h"
#include "surface/device.h"
#include "surface/frame.h"
#include "surface/own.h"

#include <libavutil/imgutils.h>
#include <limits.h>
#include <string.h>
#include <vfa/interface.h>

/* Data.Locked is a plain field of a public struct, read by applications on any thread. */
static mfxStatus raise_locked(mfxFrameSurface1 *surface)
{
    mfxU16 locked = __atomic_load_n(&surface->Data.Locked, __ATOMIC_RELAXED);

    do {
        if (locked == UINT16_MAX)
            return MFX_ERR_LOCK_MEMORY;
    } while (!__atomic_compare_exchange_n(&surface->Data.Locked, &locked, (mfxU16)(locked + 1), false,
                                          __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
    return MFX_ERR_NONE;
}

/* Release: whoever sees the count fall also sees the pixels that were written before. */
static void lower_locked(mfxFrameSurface1 *surface)
{
    mfxU16 locked = __atomic_load_n(&surface->Data.Locked, __ATOMIC_RELAXED);

    do {
        if (locked == 0)
            return; /* the application reset the field, which it must not; nothing left to drop */
    } while (!__atomic_compare_exchange_n(&surface->Data.Locked, &locked, (mfxU16)(locked - 1), false,
                                          __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}

static mfxStatus add_reference(mfxFrameSurface1 *surface)
{
    return surface->FrameInterface ? surface->FrameInterface->AddRef(surface) : MFX_ERR_NONE;
}

static void release_reference(mfxFrameSurface1 *surface, const mfxFrameSurfaceInterface *face)
{
    if (face)
        (void)face->Release(surface);
}

mfxStatus srt_surface_hold(mfxFrameSurface1 *surface)
{
    mfxStatus status = add_reference(surface);

    if (status < MFX_ERR_NONE)
        return status;
    status = raise_locked(surface);
    if (status != MFX_ERR_NONE)
        release_reference(surface, surface->FrameInterface);
    return status;
}

/* Once Locked is lowered, a surface without references may be gone: nothing of it is read any more. */
void srt_surface_drop(mfxFrameSurface1 *surface)
{
    const mfxFrameSurfaceInterface *face = surface->FrameInterface;

    lower_locked(surface);
    release_reference(surface, face);
}

mfxStatus srt_surface_keep(mfxFrameSurface1 *surface)
{
    return surface->FrameInterface ? add_reference(surface) : raise_locked(surface);
}

void srt_surface_let_go(mfxFrameSurface1 *surface)
{
    if (surface->FrameInterface)
        release_reference(surface, surface->FrameInterface);
    else
        lower_locked(surface);
}

static uint8_t *lowest(uint8_t *a, uint8_t *b, uint8_t *c)
{
    uint8_t *ab = (uintptr_t)a < (uintptr_t)b ? a : b;
    return (uintptr_t)ab < (uintptr_t)c ? ab : c;
}

bool srt_surface_planes(const struct srt_pixel_format *format, const mfxFrameData *data, int width,
                        uint8_t *planes[4], int linesizes[4])
{
    mfxU32 pitch = (mfxU32)data->PitchHigh << 16 | data->PitchLow;

    memset(planes, 0, 4 * sizeof(planes[0]));
    memset(linesizes, 0, 4 * sizeof(linesizes[0]));
    if (pitch > INT_MAX || (int)pitch < av_image_get_linesize(format->pix_fmt, width, 0))
        return false;
    linesizes[0] = (int)pitch;
    switch (format->fourcc) {
    case MFX_FOURCC_NV12:
    case MFX_FOURCC_P010:
        planes[0] = data->Y;
        planes[1] = data->UV;
        linesizes[1] = (int)pitch;
        return planes[0] && planes[1] && (int)pitch >= av_image_get_linesize(format->pix_fmt, width, 1);
    case MFX_FOURCC_I420:
    case MFX_FOURCC_I010:
        planes[0] = data->Y;
        planes[1] = data->U;
        planes[2] = data->V;
        linesizes[1] = linesizes[2] = (int)(pitch / 2);
        return planes[0] && planes[1] && planes[2] &&
               linesizes[1] >= av_image_get_linesize(format->pix_fmt, width, 1);
    case MFX_FOURCC_YUY2:
        planes[0] = data->Y;
        return planes[0];
    default: /* RGB4: B, G, R, A bytes; a client may leave A out */
        planes[0] = lowest(data->R, data->G, data->B);
        return planes[0];
    }
}

static bool has_pointers(const mfxFrameData *data)
{
    return data->Y || data->U || data->V || data->A;
}

/* Mapped and locked, with the caller's reference. */
static mfxStatus seize(struct srt_access access, mfxFrameSurface1 *surface, struct srt_hold *hold)
{
    mfxStatus status = MFX_ERR_NONE;

    if (surface->FrameInterface && (access.memory == SRT_VIDEO_MEMORY || !has_pointers(&surface->Data))) {
        status = surface->FrameInterface->Map(surface, MFX_MAP_READ_WRITE);
        if (status < MFX_ERR_NONE)
            return status;
        hold->mapped = true;
    }
    status = raise_locked(surface);
    if (status != MFX_ERR_NONE)
        return status;
    if (srt_own_has(surface)) {
        status = vfa_surface_begin(surface); /* which takes a reference */
        hold->own = status == MFX_ERR_NONE;
        if (!hold->own)
            lower_locked(surface);
    }
    return status;
}

mfxStatus srt_surface_hold_output(struct srt_access access, mfxFrameSurface1 *surface, struct srt_hold *hold)
{
    mfxStatus status = add_reference(surface);

    *hold = (struct srt_hold){.mapped = false};
    if (status < MFX_ERR_NONE)
        return status;
    status = seize(access, surface, hold);
    if (status == MFX_ERR_NONE && !hold->own)
        return status;
    if (status != MFX_ERR_NONE && hold->mapped)
        (void)surface->FrameInterface->Unmap(surface);
    release_reference(surface, surface->FrameInterface);
    return status;
}

mfxStatus srt_surface_drop_output(mfxFrameSurface1 *surface, struct srt_hold hold, mfxStatus status)
{
    const mfxFrameSurfaceInterface *face = surface->FrameInterface; /* read before, as in srt_surface_drop */

    if (hold.mapped && face->Unmap(surface) < MFX_ERR_NONE && status == MFX_ERR_NONE)
        status = MFX_ERR_LOCK_MEMORY;
    if (!hold.early)
        lower_locked(surface); /* who sees that finds the surface unmapped */
    if (face && face->OnComplete)
        face->OnComplete(status);
    if (hold.own)
        (void)vfa_surface_complete(surface, status);
    else
        release_reference(surface, face);
    return status;
}

void srt_surface_unlock_early(mfxFrameSurface1 *surface, struct srt_hold *hold)
{
    if (hold->own || hold->early)
        return;
    lower_locked(surface);
    hold->early = true;
}

/* Whether all is there that is called. */
static bool has_functions(const mfxFrameSurfaceInterface *face)
{
    return face->AddRef && face->Release && face->Map && face->Unmap;
}

static mfxStatus check_memory(struct srt_access access, const mfxFrameSurface1 *surface,
                              const struct srt_pixel_format *format)
{
    uint8_t *planes[4];
    int linesizes[4];
    bool pointers;

    if (srt_own_has(surface)) /* its pointers may be coming and going */
        return MFX_ERR_NONE;
    pointers = has_pointers(&surface->Data);
    if (surface->FrameInterface && !has_functions(surface->FrameInterface))
        return MFX_ERR_NULL_PTR;
    if (surface->FrameInterface && (!pointers || access.memory == SRT_VIDEO_MEMORY))
        return MFX_ERR_NONE;
    if (pointers && access.memory == SRT_SYSTEM_MEMORY)
        return srt_surface_planes(format, &surface->Data, surface->Info.Width, planes, linesizes)
                   ? MFX_ERR_NONE
                   : MFX_ERR_UNDEFINED_BEHAVIOR;
    if (!surface->Data.MemId) /* with pointers: system memory where video memory was agreed on */
        return pointers ? MFX_ERR_UNDEFINED_BEHAVIOR : MFX_ERR_NULL_PTR;
    return access.session->has_allocator ? MFX_ERR_NONE : MFX_ERR_LOCK_MEMORY;
}

/* 0 bits means the format's own number, in 8-bit formats only (mfxFrameInfo: not every client fills it). */
static bool depth_agrees(const struct srt_pixel_format *format, mfxU16 depth)
{
    return depth == format->bit_depth || (depth == 0 && format->bit_depth == 8);
}

static bool crop_fits(const mfxFrameInfo *info)
{
    return (mfxU32)info->CropX + info->CropW <= info->Width &&
           (mfxU32)info->CropY + info->CropH <= info->Height;
}

mfxStatus srt_surface_check(struct srt_access access, const mfxFrameSurface1 *surface,
                            const mfxFrameInfo *want)
{
    const struct srt_pixel_format *format;
    const mfxFrameInfo *info;

    if (!surface)
        return MFX_ERR_NULL_PTR;
    info = &surface->Info;
    format = srt_pixel_format_find(info->FourCC);
    if (!format || info->FourCC != want->FourCC)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (info->ChromaFormat != format->chroma_format && !srt_is_packed(format))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (!depth_agrees(format, info->BitDepthLuma) || !depth_agrees(format, info->BitDepthChroma))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if ((info->Shift != 0) != (format->shift != 0))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (info->Width < want->Width || info->Height < want->Height || !info->Width || !info->Height)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (info->Width > SRT_MAX_WIDTH || info->Height > SRT_MAX_HEIGHT || !crop_fits(info))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    return check_memory(access, surface, format);
}

static int right_of(const mfxFrameInfo *info)
{
    return info->CropW ? info->CropX + info->CropW : info->Width;
}

/* Moves plane pointers to the crop rectangle. Odd offsets of subsampled chroma are rounded down, as libav
 * does. */
static void apply_crop(struct srt_mapping *m, const mfxFrameInfo *info)
{
    m->width = info->CropW ? info->CropW : info->Width - info->CropX;
    m->height = info->CropH ? info->CropH : info->Height - info->CropY;
    for (int i = 0; i < 4 && m->planes[i]; i++) {
        bool pairs = i > 0 || m->format->fourcc == MFX_FOURCC_YUY2;
        int x = pairs ? info->CropX & ~1 : info->CropX;
        ptrdiff_t row = i > 0 ? info->CropY / 2 : info->CropY;

        m->planes[i] += row * m->linesizes[i];
        if (x)
            m->planes[i] += av_image_get_linesize(m->format->pix_fmt, x, i);
    }
}

/* The VA surface itself. What lies outside the crop rectangle is kept, unless that is but the rest of the
 * last macroblocks. */
static mfxStatus reach_device(struct srt_session *session, const mfxFrameSurface1 *surface, bool writable,
                              struct srt_mapping *m)
{
    const mfxFrameInfo *info = &surface->Info;
    bool whole = !info->CropX && !info->CropY && (!info->CropW || info->Width - info->CropW < 16) &&
                 (!info->CropH || info->Height - info->CropH < 32);
    mfxU32 flags = !writable ? MFX_MAP_READ : whole ? MFX_MAP_WRITE : MFX_MAP_READ_WRITE;
    mfxStatus status = srt_device_map(session, &m->allocator, surface->Data.MemId, info, flags, &m->reached);

    if (status == MFX_ERR_NONE)
        m->data = *srt_device_pixels(m->reached);
    return status;
}

static mfxStatus lock(struct srt_access access, const mfxFrameSurface1 *surface, bool writable,
                      struct srt_mapping *m)
{
    mfxMemId mid = surface->Data.MemId;
    bool video = access.memory == SRT_VIDEO_MEMORY;
    mfxStatus status;

    if (!mid || !srt_session_allocator(access.session, &m->allocator))
        return MFX_ERR_LOCK_MEMORY;
    if (video && srt_is_hardware())
        return reach_device(access.session, surface, writable, m);
    m->data.MemId = mid;
    status = m->allocator.Lock(m->allocator.pthis, mid, &m->data);
    if (status == MFX_ERR_UNSUPPORTED && video)
        return reach_device(access.session, surface, writable, m);
    if (status < MFX_ERR_NONE)
        return MFX_ERR_LOCK_MEMORY;
    m->locked = mid;
    return MFX_ERR_NONE;
}

/* For reading, through a copy of the surface: its pointers are this map's own, whoever else maps. Data.Locked
 * is left out of the copy, since it changes meanwhile. */
static mfxStatus map_to_read(const mfxFrameSurface1 *surface, mfxU32 flags, struct srt_mapping *m)
{
    mfxStatus status;

    memset(&m->copy, 0, sizeof(m->copy));
    m->copy.FrameInterface = surface->FrameInterface;
    m->copy.Version = surface->Version;
    m->copy.Info = surface->Info;
    m->copy.Data.MemId = surface->Data.MemId;
    status = surface->FrameInterface->Map(&m->copy, flags);
    if (status < MFX_ERR_NONE)
        return MFX_ERR_LOCK_MEMORY;
    m->mapped = true;
    m->data = m->copy.Data;
    return MFX_ERR_NONE;
}

/* Without Data.Locked, which others change meanwhile. */
static void take_pointers(const mfxFrameData *from, mfxFrameData *to)
{
    to->PitchHigh = from->PitchHigh;
    to->PitchLow = from->PitchLow;
    to->Y = from->Y;
    to->U = from->U;
    to->V = from->V;
    to->A = from->A;
}

/* One of the runtime's own, to read. Whoever writes it may be in a session that knows nothing of this one, so
 * it is waited for by its interface. What is in the way then is the application's own map for writing, whose
 * pointers are as good, or a GPU. */
static mfxStatus reach_own(const mfxFrameSurface1 *surface, struct srt_mapping *m)
{
    m->copy.FrameInterface = surface->FrameInterface;
    if (m->copy.FrameInterface->Synchronize(&m->copy, MFX_INFINITE) != MFX_ERR_NONE)
        return MFX_ERR_ABORTED;
    if (map_to_read(surface, MFX_MAP_READ | MFX_MAP_NOWAIT, m) == MFX_ERR_NONE)
        return MFX_ERR_NONE;
    if (!has_pointers(&surface->Data))
        return map_to_read(surface, MFX_MAP_READ, m);
    take_pointers(&surface->Data, &m->data);
    return MFX_ERR_NONE;
}

/* Pointers that are there may be those of another map, which ends when it likes: so a reader maps as well,
 * unless the application has the surface mapped to write. */
static mfxStatus reach(struct srt_access access, const mfxFrameSurface1 *surface, bool writable,
                       struct srt_mapping *m)
{
    bool pointers;

    if (!writable && srt_own_has(surface))
        return reach_own(surface, m);
    pointers = has_pointers(&surface->Data);
    if (surface->FrameInterface && !writable) {
        mfxU32 nowait = pointers && access.memory == SRT_SYSTEM_MEMORY ? MFX_MAP_NOWAIT : 0;
        mfxStatus status = map_to_read(surface, MFX_MAP_READ | nowait, m);

        if (status == MFX_ERR_NONE || !nowait)
            return status;
    }
    if (pointers && (surface->FrameInterface || access.memory == SRT_SYSTEM_MEMORY)) {
        take_pointers(&surface->Data, &m->data);
        return MFX_ERR_NONE;
    }
    return lock(access, surface, writable, m);
}

mfxStatus srt_surface_map(struct srt_access access, const mfxFrameSurface1 *surface, bool writable,
                          struct srt_mapping *out)
{
    mfxStatus status;

    memset(out, 0, sizeof(*out));
    out->format = srt_pixel_format_find(surface->Info.FourCC);
    if (!out->format || !crop_fits(&surface->Info))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    status = reach(access, surface, writable, out);
    if (status != MFX_ERR_NONE)
        return status;
    if (!srt_surface_planes(out->format, &out->data,
                            out->reached ? right_of(&surface->Info) : surface->Info.Width, out->planes,
                            out->linesizes)) {
        (void)srt_surface_unmap(out);
        return MFX_ERR_LOCK_MEMORY;
    }
    apply_crop(out, &surface->Info);
    return MFX_ERR_NONE;
}

mfxStatus srt_surface_unmap(struct srt_mapping *mapping)
{
    mfxMemId mid = mapping->locked;

    mapping->locked = NULL;
    if (mapping->reached)
        return srt_device_unmap(&mapping->reached);
    if (mapping->mapped) {
        mapping->mapped = false;
        return mapping->copy.FrameInterface->Unmap(&mapping->copy) < MFX_ERR_NONE ? MFX_ERR_LOCK_MEMORY
                                                                                  : MFX_ERR_NONE;
    }
    if (!mid || mapping->allocator.Unlock(mapping->allocator.pthis, mid, &mapping->data) >= MFX_ERR_NONE)
        return MFX_ERR_NONE;
    return MFX_ERR_LOCK_MEMORY;
}

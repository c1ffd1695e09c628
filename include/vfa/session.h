/* Small helpers on an MFX session, inline: the application links libvpl, the library does not. */
#ifndef VFA_SESSION_H
#define VFA_SESSION_H

#include <vfa/allocator.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A device handle for SetHandle. Source: mfxHandleType in mfxcommon.h. */
struct vfa_session_device {
    mfxHandleType type; /* MFX_HANDLE_VA_DISPLAY */
    mfxHDL handle;      /* the VADisplay itself */
};

/* Gives a session its device, then its allocator: in this order, before Query, QueryIOSurf and Init, which
 * make a runtime open a device of its own (SetHandle then fails with MFX_ERR_UNDEFINED_BEHAVIOR). `device`
 * NULL: none (system memory). The runtime copies the callbacks: `allocator` must live until MFXClose. Returns
 * the first status that is not MFX_ERR_NONE. A runtime takes one allocator a session, once. */
static inline mfxStatus vfa_session_attach(mfxSession session, const struct vfa_session_device *device,
                                           struct vfa_allocator *allocator)
{
    if (!session || !allocator || (device && !device->handle))
        return MFX_ERR_NULL_PTR;
    if (device) {
        mfxStatus status = MFXVideoCORE_SetHandle(session, device->type, device->handle);
        if (status != MFX_ERR_NONE)
            return status;
    }
    return MFXVideoCORE_SetFrameAllocator(session, vfa_allocator_mfx(allocator));
}

/* Joins `child` to `parent` and attaches the same device and allocator to the child: joined sessions share a
 * scheduler, neither device nor allocator, and surfaces that cross need one allocator on both. The parent is
 * attached already. On failure the child is not joined. */
static inline mfxStatus vfa_session_attach_joined(mfxSession parent, mfxSession child,
                                                  const struct vfa_session_device *device,
                                                  struct vfa_allocator *allocator)
{
    if (!parent || !child || !allocator)
        return MFX_ERR_NULL_PTR;
    mfxStatus status = MFXJoinSession(parent, child);
    if (status != MFX_ERR_NONE)
        return status;
    status = vfa_session_attach(child, device, allocator);
    if (status != MFX_ERR_NONE)
        (void)MFXDisjoinSession(child);
    return status;
}

#ifdef __cplusplus
}
#endif

#endif

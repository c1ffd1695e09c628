/* The operation that produces a surface, and waiting for it: Synchronize, and what Map needs of it. */
#include "base/clock.h"
#include "base/cond.h"
#include "pool/interface.h"
#include "pool/internal.h"

/* Forgets the operation of an earlier use of the surface. */
static void renew(struct vfa__interface *interface)
{
    uint64_t use = vfa__pool_times(interface->pool, interface->index);
    if (interface->wait_use == use || interface->awaited)
        return;
    interface->wait_use = use;
    interface->wait = NULL;
    interface->outcome = MFX_ERR_NONE;
}

/* Milliseconds until `deadline`, rounded up. */
static mfxU32 left_ms(uint64_t deadline)
{
    if (deadline == UINT64_MAX)
        return MFX_INFINITE;
    uint64_t now = vfa__now_ns();
    return now >= deadline ? 0 : (mfxU32)((deadline - now + VFA__NS_PER_MS - 1) / VFA__NS_PER_MS);
}

/* Until something changes, or `deadline`. */
static void sleep_until(struct vfa__interface *interface, uint64_t deadline)
{
    if (deadline == UINT64_MAX) {
        vfa__cond_wait(&interface->changed, &interface->lock, NULL);
        return;
    }
    struct timespec moment = vfa__moment(deadline);
    vfa__cond_wait(&interface->changed, &interface->lock, &moment);
}

static void ask(struct vfa__interface *interface, mfxU32 wait_ms)
{
    vfa_operation_fn *wait = interface->wait;
    void *user = interface->wait_user;
    interface->awaited = true;
    pthread_mutex_unlock(&interface->lock);
    int before = vfa__cancel_off(); /* the others wait for this one's answer */
    mfxStatus status = wait(user, interface->surface, wait_ms);
    vfa__cancel_as(before);
    pthread_mutex_lock(&interface->lock);
    interface->awaited = false;
    if (status != MFX_WRN_IN_EXECUTION) {
        interface->wait = NULL;
        interface->outcome = status < MFX_ERR_NONE ? status : MFX_ERR_NONE;
    }
    pthread_cond_broadcast(&interface->changed);
}

mfxStatus vfa__interface_await(struct vfa__interface *interface, mfxU32 wait_ms)
{
    renew(interface);
    uint64_t deadline = wait_ms == MFX_INFINITE ? UINT64_MAX : vfa__now_ns() + wait_ms * VFA__NS_PER_MS;
    bool asked = false; /* by this thread, and told that it is not done */
    while (interface->wait || interface->produced) {
        mfxU32 left = left_ms(deadline);
        if (asked && !left)
            return MFX_WRN_IN_EXECUTION;
        if (interface->awaited || interface->produced) {
            if (!left)
                return MFX_WRN_IN_EXECUTION;
            sleep_until(interface, deadline);
        } else if (asked) { /* an answer that came early: asked again, but not in a tight loop */
            uint64_t soon = vfa__now_ns() + VFA__NS_PER_MS;
            sleep_until(interface, soon < deadline ? soon : deadline);
            asked = false;
        } else {
            ask(interface, left);
            asked = true;
        }
    }
    return interface->outcome;
}

mfxStatus MFX_CDECL vfa__interface_synchronize(mfxFrameSurface1 *surface, mfxU32 wait_ms)
{
    struct vfa__interface *interface;
    mfxStatus status = vfa__interface_in_use(surface, &interface);
    if (status != MFX_ERR_NONE)
        return status;
    pthread_mutex_lock(&interface->lock);
    status = vfa__interface_await(interface, wait_ms);
    pthread_mutex_unlock(&interface->lock);
    return status;
}

/* Makes this operation the one that the surface waits for. Without a function to ask it ends with a call. */
static mfxStatus expect(struct vfa__interface *interface, vfa_operation_fn *wait, void *user)
{
    pthread_mutex_lock(&interface->lock);
    renew(interface);
    bool busy = interface->awaited || interface->produced;
    if (!busy) {
        interface->produced = !wait;
        interface->wait = wait;
        interface->wait_user = user;
        interface->outcome = MFX_ERR_NONE;
    }
    pthread_mutex_unlock(&interface->lock);
    return busy ? MFX_ERR_UNDEFINED_BEHAVIOR : MFX_ERR_NONE;
}

mfxStatus vfa_surface_produce(mfxFrameSurface1 *surface, vfa_operation_fn *wait, void *user)
{
    struct vfa__interface *interface;
    if (!wait)
        return MFX_ERR_NULL_PTR;
    mfxStatus status = vfa__interface_in_use(surface, &interface);
    return status == MFX_ERR_NONE ? expect(interface, wait, user) : status;
}

/* The interface of a surface whose operations end with a call. Another copy of the library has another
 * Synchronize, and may have another idea of what an interface holds. */
static mfxStatus find_own(const mfxFrameSurface1 *surface, struct vfa__interface **out)
{
    mfxStatus status = vfa__interface_of(surface, out);
    if (status == MFX_ERR_NONE && (*out)->mfx.Synchronize != vfa__interface_synchronize)
        status = MFX_ERR_INVALID_HANDLE;
    return status == MFX_ERR_NONE ? vfa__interface_in_use(surface, out) : status;
}

mfxStatus vfa_surface_begin(mfxFrameSurface1 *surface)
{
    struct vfa__interface *interface;
    mfxStatus status = find_own(surface, &interface);
    if (status == MFX_ERR_NONE)
        status = vfa_pool_ref(interface->pool, interface->surface);
    if (status != MFX_ERR_NONE)
        return status;
    status = expect(interface, NULL, NULL);
    if (status != MFX_ERR_NONE)
        (void)vfa_pool_release(interface->pool, interface->surface);
    return status;
}

/* The lease ends under the lock, so that who wakes finds it gone, unless it is the last one: then nobody
 * waits, and with it the interface may go. */
mfxStatus vfa_surface_complete(mfxFrameSurface1 *surface, mfxStatus result)
{
    struct vfa__interface *interface;
    mfxStatus status = find_own(surface, &interface);
    if (status != MFX_ERR_NONE)
        return status;
    bool released = false;
    pthread_mutex_lock(&interface->lock);
    if (interface->produced) {
        interface->produced = false;
        interface->outcome = result < MFX_ERR_NONE ? result : MFX_ERR_NONE;
        pthread_cond_broadcast(&interface->changed);
        released = vfa__pool_release_shared(interface->pool, interface->index);
    } else {
        status = MFX_ERR_UNDEFINED_BEHAVIOR;
    }
    pthread_mutex_unlock(&interface->lock);
    if (status == MFX_ERR_NONE && !released)
        (void)vfa_pool_release(interface->pool, interface->surface);
    return status;
}

/* Operations of interface.h: mfxFrameSurfaceInterface, and mfxSurfacePoolInterface. */
#include "bench.h"

static void take(struct bench *b)
{
    assert_int_equal(vfa_pool_acquire(b->pool, 0, &b->surface[2]), MFX_ERR_NONE);
}

static const struct mfxFrameSurfaceInterface *interface_of(const struct bench *b)
{
    return b->surface[2]->FrameInterface;
}

static void give(struct bench *b, mfxStatus status)
{
    (void)status;
    assert_int_equal(vfa_pool_release(b->pool, b->surface[2]), MFX_ERR_NONE);
}

static mfxStatus refer(struct bench *b)
{
    mfxStatus status = interface_of(b)->AddRef(b->surface[2]);
    return status == MFX_ERR_NONE ? interface_of(b)->Release(b->surface[2]) : status;
}

static mfxStatus count(struct bench *b)
{
    mfxU32 references = 0;
    mfxStatus status = interface_of(b)->GetRefCounter(b->surface[2], &references);
    assert_int_equal(references, 1);
    return status;
}

static mfxStatus map(struct bench *b)
{
    mfxStatus status = interface_of(b)->Map(b->surface[2], MFX_MAP_READ);
    return status == MFX_ERR_NONE ? interface_of(b)->Unmap(b->surface[2]) : status;
}

static mfxStatus handle(struct bench *b)
{
    mfxHDL found;
    mfxResourceType type;
    mfxStatus status = interface_of(b)->GetNativeHandle(b->surface[2], &found, &type);
    return status == MFX_ERR_UNSUPPORTED ? MFX_ERR_NONE : status; /* system memory has none */
}

static mfxStatus device(struct bench *b)
{
    mfxHDL found;
    mfxHandleType type;
    mfxStatus status = interface_of(b)->GetDeviceHandle(b->surface[2], &found, &type);
    return status == MFX_ERR_UNSUPPORTED ? MFX_ERR_NONE : status;
}

static mfxStatus done(void *user, mfxFrameSurface1 *surface, mfxU32 wait_ms)
{
    (void)user, (void)surface, (void)wait_ms;
    return MFX_ERR_NONE;
}

static mfxStatus produce(struct bench *b)
{
    return vfa_surface_produce(b->surface[2], done, NULL);
}

static void take_and_produce(struct bench *b)
{
    take(b);
    assert_int_equal(produce(b), MFX_ERR_NONE);
}

static mfxStatus synchronize(struct bench *b)
{
    return interface_of(b)->Synchronize(b->surface[2], 1000);
}

static mfxStatus complete(struct bench *b)
{
    interface_of(b)->OnComplete(MFX_ERR_NONE);
    return MFX_ERR_NONE;
}

static mfxStatus query(struct bench *b)
{
    return interface_of(b)->QueryInterface(b->surface[2], MFX_GUID_SURFACE_POOL, (mfxHDL *)&b->shared);
}

static void end_query(struct bench *b, mfxStatus status)
{
    assert_int_equal(b->shared->Release(b->shared), MFX_ERR_NONE);
    give(b, status);
}

static void take_and_query(struct bench *b)
{
    take(b);
    assert_int_equal(query(b), MFX_ERR_NONE);
}

static mfxStatus query_of_owner(struct bench *b)
{
    return vfa_pool_interface(b->pool, &b->shared);
}

static mfxStatus begin(struct bench *b)
{
    return vfa_surface_begin(b->surface[2]);
}

static mfxStatus end_operation(struct bench *b)
{
    return vfa_surface_complete(b->surface[2], MFX_ERR_NONE);
}

static void take_and_begin(struct bench *b)
{
    take(b);
    assert_int_equal(begin(b), MFX_ERR_NONE);
}

static void end_begin(struct bench *b, mfxStatus status)
{
    assert_int_equal(end_operation(b), MFX_ERR_NONE);
    give(b, status);
}

static mfxStatus ask_the_pool(struct bench *b)
{
    mfxU32 number;
    mfxPoolAllocationPolicy policy;
    mfxSurfacePoolInterface *pool = b->shared;
    assert_int_equal(pool->AddRef(pool), MFX_ERR_NONE);
    assert_int_equal(pool->Release(pool), MFX_ERR_NONE);
    assert_int_equal(pool->GetRefCounter(pool, &number), MFX_ERR_NONE);
    assert_int_equal(pool->GetMaximumPoolSize(pool, &number), MFX_ERR_NONE);
    assert_int_equal(pool->GetAllocationPolicy(pool, &policy), MFX_ERR_NONE);
    return pool->GetCurrentPoolSize(pool, &number);
}

/* With MFX_ALLOCATION_OPTIMAL a pool remembers what its components say. */
static mfxStatus set_number(struct bench *b)
{
    return b->shared->SetNumSurfaces(b->shared, 2);
}

static void no_number(struct bench *b)
{
    assert_int_equal(b->shared->RevokeSurfaces(b->shared, 2), MFX_WRN_OUT_OF_RANGE);
}

static mfxStatus revoke_number(struct bench *b)
{
    return b->shared->RevokeSurfaces(b->shared, 2);
}

static void end_number(struct bench *b, mfxStatus status)
{
    if (status == MFX_ERR_NONE)
        assert_int_equal(revoke_number(b), MFX_ERR_NONE);
    end_query(b, status);
}

static void take_and_set_number(struct bench *b)
{
    take_and_query(b);
    assert_int_equal(set_number(b), MFX_ERR_NONE);
}

static const struct operation rows[] = {
    {"mfxFrameSurfaceInterface: AddRef, Release", &world_interface, take, refer, NULL, give, MFX_ERR_NONE,
     ASKS_NOTHING},
    {"mfxFrameSurfaceInterface: GetRefCounter", &world_interface, take, count, NULL, give, MFX_ERR_NONE,
     ASKS_NOTHING},
    {"mfxFrameSurfaceInterface: Map, Unmap", &world_interface, take, map, NULL, give, MFX_ERR_NONE,
     ASKS_NOTHING},
    {"mfxFrameSurfaceInterface: Map of what is produced", &world_interface, take_and_produce, map, NULL, give,
     MFX_ERR_NONE, ASKS_NOTHING},
    {"mfxFrameSurfaceInterface: GetNativeHandle", &world_interface, take, handle, NULL, give, MFX_ERR_NONE,
     ASKS_NOTHING},
    {"mfxFrameSurfaceInterface: GetDeviceHandle", &world_interface, take, device, NULL, give, MFX_ERR_NONE,
     ASKS_NOTHING},
    {"mfxFrameSurfaceInterface: Synchronize", &world_interface, take_and_produce, synchronize, NULL, give,
     MFX_ERR_NONE, ASKS_NOTHING},
    {"mfxFrameSurfaceInterface: OnComplete", &world_interface, take, complete, NULL, give, MFX_ERR_NONE,
     ASKS_NOTHING},
    {"mfxFrameSurfaceInterface: QueryInterface", &world_interface, take, query, NULL, end_query, MFX_ERR_NONE,
     ASKS_NOTHING},
    {"mfxSurfacePoolInterface: all that asks", &world_interface, take_and_query, ask_the_pool, NULL,
     end_query, MFX_ERR_NONE, ASKS_NOTHING},
    {"mfxSurfacePoolInterface: SetNumSurfaces", &world_interface, take_and_query, set_number, no_number,
     end_number, MFX_ERR_MEMORY_ALLOC, 0},
    {"mfxSurfacePoolInterface: RevokeSurfaces", &world_interface, take_and_set_number, revoke_number, NULL,
     end_query, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_surface_produce", &world_interface, take, produce, NULL, give, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_surface_begin", &world_interface, take, begin, NULL, end_begin, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_surface_complete", &world_interface, take_and_begin, end_operation, NULL, give, MFX_ERR_NONE,
     ASKS_NOTHING},
    {"vfa_pool_interface", &world_interface, take, query_of_owner, NULL, end_query, MFX_ERR_NONE,
     ASKS_NOTHING},
};

const struct operations operations_interface = OPERATIONS(rows);

/* Proving the ways into a surface. Drivers answer success for what they do not do (iHD's get and put leave
 * out planes of NV21, RGBP and BGRP), so a way is fit only when a pattern written through it reads back,
 * through it and through the ways that proved fit before.
 *
 * A way is given up when it fails twice in a row, not once: what is found out here holds for as long as the
 * backend lives. Where it is memory or time that is short even that is no answer yet, and the facts say so.
 */
#include "va/scratch.h"

bool vfa__va_is_fit(const struct vfa__va_scratch *s, enum vfa_va_way way)
{
    const struct vfa_va_way_facts *facts = &s->facts->way[way];
    return facts->refused == VA_STATUS_SUCCESS && !facts->unfit;
}

void vfa__va_second_failure(struct vfa__va_scratch *s, mfxStatus status)
{
    if (vfa__va_may_pass(status))
        s->facts->provisional = true;
}

/* Opens and closes the way once, to hear what the driver says. */
static bool accepts(struct vfa__va_scratch *s, enum vfa_va_way way)
{
    struct vfa_va_way_facts *facts = &s->facts->way[way];
    struct vfa__va_access access;
    bool derived = way == VFA_VA_WAY_DERIVE || way == VFA_VA_WAY_DERIVE_COPY;
    if (derived)
        facts->refused = vfa__drv_derive_image(s->va, s->frame->id, &access.image);
    else
        facts->refused = vfa__drv_create_image(s->va, &s->set->shape, &access.image);
    if (facts->refused != VA_STATUS_SUCCESS)
        return false;
    const char *call;
    facts->refused = vfa__drv_map(s->va, access.image.buf, false, &access.bytes, &call);
    if (facts->refused == VA_STATUS_SUCCESS) {
        mfxFrameData view;
        bool copied = way == VFA_VA_WAY_DERIVE_COPY || way == VFA_VA_WAY_IMAGE_COPY;
        facts->unfit = copied ? vfa__va_copy_unfit(&s->set->shape, &access.image)
                              : vfa__va_image_view(&s->set->shape, &access, &view);
        (void)vfa__drv_unmap(s->va, access.image.buf);
    }
    if (!derived && facts->refused == VA_STATUS_SUCCESS && !facts->unfit)
        facts->refused = vfa__drv_get_image(s->va, &s->set->shape, s->frame->id, access.image.image_id);
    if (!derived && facts->refused == VA_STATUS_SUCCESS && !facts->unfit)
        facts->refused = vfa__drv_put_image(s->va, &s->set->shape, s->frame->id, access.image.image_id);
    vfa__drv_destroy_image(s->va, access.image.image_id);
    return vfa__va_is_fit(s, way);
}

/* Does a pattern written by this way read back, by it and by those that are fit? */
static mfxStatus compare(struct vfa__va_scratch *s, enum vfa_va_way way)
{
    struct vfa_va_way_facts *facts = &s->facts->way[way];
    unsigned int seed = way;
    bool good = false;
    mfxStatus status = vfa__va_scratch_write(s, way, seed);
    if (status == MFX_ERR_NONE)
        status = vfa__va_scratch_read(s, way, seed, &good);
    if (status == MFX_ERR_NONE && !good)
        facts->unfit = "what was written does not read back";
    for (unsigned int w = VFA_VA_WAY_DERIVE; w < way && status == MFX_ERR_NONE && good; w++) {
        if (!vfa__va_is_fit(s, (enum vfa_va_way)w))
            continue;
        status = vfa__va_scratch_read(s, (enum vfa_va_way)w, seed, &good);
        if (status == MFX_ERR_NONE && !good)
            facts->unfit = "what was written reads differently by another way";
    }
    if (status != MFX_ERR_NONE)
        facts->unfit = "it opens, but then fails";
    return status;
}

static mfxStatus prove_once(struct vfa__va_scratch *s, enum vfa_va_way way)
{
    struct vfa_va_way_facts *facts = &s->facts->way[way];
    facts->unfit = NULL;
    if (accepts(s, way))
        return compare(s, way);
    return vfa_va_status(facts->refused);
}

static void prove(struct vfa__va_scratch *s, enum vfa_va_way way)
{
    if (prove_once(s, way) != MFX_ERR_NONE)
        vfa__va_second_failure(s, prove_once(s, way));
}

void vfa__va_prove_reads(struct vfa__va_scratch *s)
{
    bool harmless;
    mfxStatus status = vfa__va_read_is_harmless(s->host, s->frame, s->facts, &harmless);
    if (status != MFX_ERR_NONE)
        vfa__va_second_failure(s, vfa__va_read_is_harmless(s->host, s->frame, s->facts, &harmless));
    s->facts->way[VFA_VA_WAY_DERIVE].writes_back = !harmless;
    s->facts->way[VFA_VA_WAY_DERIVE_COPY].writes_back = !harmless;
}

void vfa__va_prove_ways(struct vfa__va_scratch *s)
{
    for (unsigned int w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++)
        if (vfa__va_is_fit(s, (enum vfa_va_way)w))
            prove(s, (enum vfa_va_way)w);
}

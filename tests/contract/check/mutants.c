/* The plug-in: the reference, or the mutant that the options name. */
#include "mutants.h"

#include <stdlib.h>

static const struct mutant *const lists[] = {mutants_of_alloc, mutants_of_frames, mutants_of_free};

static const struct mutant *find(const char *name)
{
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
        for (const struct mutant *m = lists[l]; m->name; m++)
            if (!strcmp(m->name, name))
                return m;
    return NULL;
}

/* --- What is not replaced */

static mfxStatus pass_alloc(mfxHDL pthis, mfxFrameAllocRequest *request, mfxFrameAllocResponse *response)
{
    return inner_alloc(pthis, request, response);
}

static mfxStatus pass_lock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    return inner_lock(pthis, mid, data);
}

static mfxStatus pass_unlock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    return inner_unlock(pthis, mid, data);
}

static mfxStatus pass_handle(mfxHDL pthis, mfxMemId mid, mfxHDL *handle)
{
    return inner_handle(pthis, mid, handle);
}

static mfxStatus pass_free(mfxHDL pthis, mfxFrameAllocResponse *response)
{
    return inner_free(pthis, response);
}

static mfxStatus read_video(void *user, mfxHDL handle, const mfxFrameInfo *info, unsigned plane, unsigned row,
                            void *out, size_t bytes)
{
    struct mutant_state *s = user;
    (void)info;
    return reference_read(s->reference, handle, plane, row, out, bytes);
}

static void close_state(struct vfa_conform_subject *subject)
{
    struct mutant_state *s = subject->user;
    reference_destroy(s->reference);
    free(s);
}

static void replace(mfxFrameAllocator *table, const struct mutant *mutant)
{
    table->Alloc = mutant->callback.Alloc ? mutant->callback.Alloc : pass_alloc;
    table->Lock = mutant->callback.Lock ? mutant->callback.Lock : pass_lock;
    table->Unlock = mutant->callback.Unlock ? mutant->callback.Unlock : pass_unlock;
    table->GetHDL = mutant->callback.GetHDL ? mutant->callback.GetHDL : pass_handle;
    table->Free = mutant->callback.Free ? mutant->callback.Free : pass_free;
    if (mutant->null_handle)
        table->GetHDL = NULL;
}

VFA_CONFORM_EXPORT mfxStatus vfa_conform_open(const char *options, struct vfa_conform_subject *subject)
{
    static const struct mutant none = {.name = "reference"};
    const struct mutant *mutant = *options ? find(options) : &none;
    if (!mutant)
        return surface_mutant_open(options, subject);
    struct mutant_state *s = calloc(1, sizeof *s);
    if (!s)
        return MFX_ERR_MEMORY_ALLOC;
    subject->memory = mutant->memory ? mutant->memory
                                     : MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET |
                                           MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET;
    s->reference = reference_create(subject->memory, &mutant->layout);
    if (!s->reference) {
        free(s);
        return MFX_ERR_MEMORY_ALLOC;
    }
    s->inner = reference_callbacks(s->reference);
    replace(&s->table, mutant);
    s->table.pthis = s;
    subject->name = mutant->name;
    subject->allocator = &s->table;
    subject->read_video = mutant->read_video ? mutant->read_video : read_video;
    subject->user = s;
    subject->close = close_state;
    return MFX_ERR_NONE;
}

/* For the test that runs them all: the name and rule of each; false past the end. */
VFA_CONFORM_EXPORT bool conform_mutant_at(size_t index, const char **name, const char **rule);
bool conform_mutant_at(size_t index, const char **name, const char **rule)
{
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
        for (const struct mutant *m = lists[l]; m->name; m++) {
            if (index-- > 0)
                continue;
            *name = m->name;
            *rule = m->rule;
            return true;
        }
    if (index >= surface_mutant_count())
        return false;
    surface_mutant_at(index, name, rule);
    return true;
}

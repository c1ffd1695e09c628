/* Rules of Data.Locked and mfxFrameSurfaceInterface, on the surfaces that a plug-in offers. */
#include "kit.h"
#include "rules.h"
#include "surface_conformance.h"

void rule_surface_locked_is_zero(struct trial *t)
{
    const struct vfa_conform_surfaces *surfaces = t->subject.surfaces;
    mfxFrameSurface1 *s = surfaces->acquire(surfaces->user);
    REQUIRE(s && s->FrameInterface, "there is no surface with an interface");
    mfxFrameSurfaceInterface *face = s->FrameInterface;
    REQUIRE(s->Data.Locked == 0, "Data.Locked of a new surface is %d", s->Data.Locked);
    ANSWERS(face->AddRef(s), MFX_ERR_NONE, "AddRef");
    ANSWERS(face->Map(s, MFX_MAP_READ_WRITE), MFX_ERR_NONE, "Map");
    REQUIRE(s->Data.Locked == 0, "AddRef or Map made Data.Locked %d: it is the runtime's", s->Data.Locked);
    ANSWERS(face->Unmap(s), MFX_ERR_NONE, "Unmap");
    ANSWERS(face->Release(s), MFX_ERR_NONE, "Release");
    REQUIRE(s->Data.Locked == 0, "Unmap or Release made Data.Locked %d", s->Data.Locked);
    ANSWERS(face->Release(s), MFX_ERR_NONE, "the last Release");
}

static void note(void *user, const char *rule, const char *what)
{
    (void)rule;
    conform_fail(user, "%s", what);
}

static bool is_about_operations(const char *rule)
{
    return strstr(rule, "operation") || !strcmp(rule, "synchronize_waits_as_long_as_told");
}

static void run_surface_rule(struct trial *t, const char *rule)
{
    const struct vfa_conform_surfaces *surfaces = t->subject.surfaces;
    if (!surfaces->produce && is_about_operations(rule))
        conform_skip(t, "the plug-in cannot play an operation");
    else if (!surfaces->answers_pool && !strncmp(rule, "the_pool_", 9))
        conform_skip(t, "the surfaces have no pool interface");
    else if (!surfaces->outlives_release &&
             (!strcmp(rule, "release_at_zero") || !strcmp(rule, "stale_surface")))
        conform_skip(t, "surfaces are gone after the last Release");
    else
        (void)surface_conformance_run(surfaces, rule, note, t);
}

#define SURFACE_RULE(id, section, level, scope, sentence) \
    void rule_##id(struct trial *t)                       \
    {                                                     \
        run_surface_rule(t, #id);                         \
    }

CONFORM_SURFACE_RULES(SURFACE_RULE)

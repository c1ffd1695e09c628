/* The functions of the runtime's API, and the statuses that its headers give for what can be wrong with a
 * call.
 */
#ifndef SOFTRT_API_TABLE_H
#define SOFTRT_API_TABLE_H

#include "api_world.h"

/* Any answer but a refusal: the call was understood, whether or not there is something to give yet. */
#define API_ACCEPTED ((mfxStatus)1000)

/* Where an argument of a call comes from: the world. */
enum api_kind {
    API_UNUSED,
    API_POINTER, /* the address of an object */
    API_SESSION, /* the handle in it */
    API_NUMBER,  /* the number in it */
    API_SYNC,    /* the sync point in it */
};

struct api_argument {
    enum api_kind kind;
    size_t at; /* in struct world */
};

enum {
    API_ONCE = 1,       /* a second call is an error: see `again` */
    API_NO_VALUES = 2,  /* has nothing whose value could be wrong, beyond handles and pointers */
    API_NO_SESSION = 4, /* takes none */
    API_REFUSED = 8,    /* of API 1.x, and not done here: a good call is answered MFX_ERR_UNSUPPORTED */
};

struct api_function {
    const char *name;
    unsigned int flags;
    enum api_state state; /* in which a good call is accepted */
    struct api_argument arguments[API_ARGUMENTS];
    mfxStatus before; /* without what `state` says: 0 where that is nothing */
    enum api_state again_state;
    mfxStatus again;                                         /* with API_ONCE: in that state */
    mfxStatus (*call)(api_call, const uintptr_t *arguments); /* NULL: as it stands */
};

/* A NULL argument that is answered in another way than with MFX_ERR_NULL_PTR, and why. */
struct api_null {
    const char *name;
    size_t argument; /* 0: the first */
    mfxStatus expected;
    const char *why;
};

/* The good call, but for one value of the world, or for the state. */
struct api_value {
    const char *name;
    const char *what;
    enum api_state state; /* API_FRESH: the function's own */
    size_t at, size;      /* size 0: no value is changed */
    mfxU64 value;
    mfxStatus expected;
};

extern const struct api_function api_functions[];
extern const size_t api_function_count;
extern const struct api_null api_nulls[];
extern const size_t api_null_count;
extern const struct api_value api_values[];
extern const size_t api_value_count;

#endif

/* A VA driver that exists only in tests: a struct vfa_va_api over host memory. Surfaces, images and buffers
 * hold real bytes, ids begin at 0 (VASurfaceID 0 is valid), and whatever real drivers do wrong it does when
 * told to. A VADisplay is the address of a struct fake_va. Every call may come from any thread; settings are
 * changed only while nobody calls. */
#ifndef VFA_TEST_FAKE_VA_H
#define VFA_TEST_FAKE_VA_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <vfa/va.h>

#define FAKE_OBJECTS 1024 /* surfaces, images, buffers: at most so many of each */
#define FAKE_PLANES  3

/* The entries of the table. */
enum fake_call {
    FAKE_GET_DISPLAY,
    FAKE_INITIALIZE,
    FAKE_TERMINATE,
    FAKE_VENDOR,
    FAKE_MAX_FORMATS,
    FAKE_QUERY_FORMATS,
    FAKE_CREATE_SURFACES,
    FAKE_DESTROY_SURFACES,
    FAKE_SYNC,
    FAKE_SYNC2,
    FAKE_DERIVE,
    FAKE_CREATE_IMAGE,
    FAKE_DESTROY_IMAGE,
    FAKE_GET_IMAGE,
    FAKE_PUT_IMAGE,
    FAKE_CREATE_BUFFER,
    FAKE_DESTROY_BUFFER,
    FAKE_MAP,
    FAKE_MAP2,
    FAKE_UNMAP,
    FAKE_EXPORT,
    FAKE_CALLS,
    FAKE_ANY = FAKE_CALLS
};

/* How images (or surfaces) lie in memory, and what is said of them. */
struct fake_layout {
    uint32_t pitch_align;     /* of every plane; 0: 64 */
    uint32_t pitch_extra;     /* added to each pitch: 1 makes them odd */
    bool same_pitches;        /* chroma's is luma's, whatever its rows need (iHD's I422) */
    uint32_t data_size_short; /* data_size says so many bytes too few */
    int planes_more;          /* num_planes says so many more, or fewer */
    uint32_t fourcc;          /* 0: its own */
    uint32_t offset_more;     /* the last plane's offset says so many bytes more */
};

/* What a test may look at of the last vaCreateSurfaces. */
struct fake_seen {
    unsigned int rt_format, width, height, count;
    uint32_t fourcc, memory_type, usage; /* of the attributes; 0: there was none */
    bool has_usage;
    VAContextID context; /* of the last vaCreateBuffer */
};

struct fake_surface;
struct fake_image;
struct fake_buffer;

struct fake_va {
    /* Settings; all 0 is a driver that works, with derived images that are the surface itself. */
    const char *vendor;           /* NULL: none is told */
    VAStatus refuse[FAKE_CALLS];  /* every call of that entry answers so */
    uint64_t spin_ns[FAKE_CALLS]; /* and takes so long */
    enum fake_call fail_call;     /* FAKE_ANY: the n-th of all calls fails, else the n-th of this entry */
    long fail_at;                 /* n, from 1; 0: none */
    bool fail_on;                 /* and all after it */
    long fail_every;              /* each so many calls fail; 0: none */
    VAStatus fail_status;
    void (*before)(void *user, enum fake_call call, long n); /* n-th call of all begins; NULL: nobody asks */
    void *user;
    bool shadow; /* a mapped derived image is a copy, written back by every unmap (iHD, tiled) */
    unsigned int shadow_leaves_out; /* planes as bits, that are neither in the copy nor written back */
    unsigned int get_leaves_out; /* planes as bits, that vaGetImage does not fill while it answers success */
    unsigned int put_leaves_out;
    bool images_apart;            /* vaGetImage and vaPutImage move something that is not what others see */
    unsigned int leaves_out_from; /* both on surfaces of at least this width */
    struct fake_layout surfaces, images;
    VAImageFormat formats[32]; /* that the driver lists */
    int format_count;
    int max_formats;           /* what vaMaxNumImageFormats answers; 0: format_count */
    int found_formats;         /* what vaQueryImageFormats says it found; 0: format_count */
    bool map_gives_null;       /* vaMapBuffer succeeds without an address */
    bool coded_empty;          /* a coded segment has no bytes */
    VAStatus refuse_usage;     /* vaCreateSurfaces with a usage hint answers so */
    unsigned int max_width;    /* wider surfaces are not made; 0: no limit */
    VAStatus max_width_status; /* 0: VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED */
    unsigned int max_surfaces; /* VA_STATUS_ERROR_ALLOCATION_FAILED beyond; 0: no limit */
    atomic_int busy;           /* so many syncs with a timeout still answer VA_STATUS_ERROR_TIMEDOUT */
    uint64_t modifier;         /* of exported surfaces */
    uint32_t export_more;      /* an exported object's size says so many bytes too many */
    bool export_read_only;     /* what is exported cannot be mapped for writing */

    /* What happened. */
    atomic_long calls[FAKE_CALLS];
    atomic_long total;
    atomic_int failed_call; /* which call the fault hit; FAKE_CALLS: none yet */
    atomic_long surfaces_alive, images_alive, buffers_alive, mappings_alive, displays_open;
    atomic_long misuses; /* dead ids, maps of what is mapped, ends of what is in use ... */
    char misuse[128];    /* the last of them */
    struct fake_seen seen;
    uint64_t last_timeout_ns;

    pthread_mutex_t lock; /* guards all below; pixels move outside it, so that race detectors see them */
    uint8_t *spare;       /* the memory of the last copy, for the next of its size */
    size_t spare_bytes;
    struct fake_surface *surface[FAKE_OBJECTS];
    struct fake_image *image[FAKE_OBJECTS];
    struct fake_buffer *buffer[FAKE_OBJECTS];
};

/* A driver that works; it lists NV12, P010, I420, YV12, YUY2, ARGB, ABGR. End it with fake_va_finish, which
 * frees what is still alive: tests look at the counts before. */
void fake_va_init(struct fake_va *fake);
void fake_va_finish(struct fake_va *fake);

/* The table, every entry of it there. vaGetDisplayDRM answers with the fake last named to fake_va_on_drm. */
struct vfa_va_api fake_va_api(void);
void fake_va_on_drm(struct fake_va *fake);

/* The fault is as set, and the count to it begins anew. */
void fake_va_fail(struct fake_va *fake, enum fake_call call, long n, VAStatus status);

/* "vaGetImage" */
const char *fake_va_call_name(enum fake_call call);

/* All statuses of va.h but success. */
extern const VAStatus fake_va_statuses[];
extern const size_t fake_va_status_count;

/* Surfaces, images, buffers and mappings alive. */
long fake_va_alive(const struct fake_va *fake);

/* The bytes of a surface's plane, behind everybody's back. */
struct fake_plane {
    uint8_t *bytes;
    uint32_t pitch;
    size_t row_bytes, rows;
};
bool fake_va_plane(struct fake_va *fake, VASurfaceID surface, uint32_t plane, struct fake_plane *out);

#endif

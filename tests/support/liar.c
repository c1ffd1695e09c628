/* Answers that cannot be. */
#include "liar.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* Ids given since liar_arm, and not ended. */
struct given {
    VAGenericID id[FAKE_OBJECTS];
    size_t count;
};

static struct {
    struct vfa_va_api real;
    pthread_mutex_t lock; /* guards all below */
    const struct lie *lie;
    long at, seen, told;
    bool on;
    struct given surfaces, buffers;
    union {
        VAImage image;
        VADRMPRIMESurfaceDescriptor descriptor;
        VAGenericID id;
        void *address;
    } former; /* what stood where the answer goes, of the call that lies */
} liar = {.lock = PTHREAD_MUTEX_INITIALIZER};

void liar_arm(const struct lie *lie, long n, bool on)
{
    liar.lie = lie;
    liar.at = n;
    liar.on = on;
    liar.seen = liar.told = 0;
    liar.surfaces.count = liar.buffers.count = 0;
}

long liar_told(void)
{
    return liar.told;
}

/* Whether this answer is to be changed. Under the lock. */
static bool lies(enum fake_call call)
{
    if (!liar.lie || liar.lie->call != call || !liar.at)
        return false;
    long n = ++liar.seen;
    return liar.on ? n >= liar.at : n == liar.at;
}

/* Whether the coming answer may be changed to what stood there before, which then is kept. */
static void keep_former(enum fake_call call, const void *what, size_t bytes)
{
    pthread_mutex_lock(&liar.lock);
    if (liar.lie && liar.lie->call == call)
        memcpy(&liar.former, what, bytes);
    pthread_mutex_unlock(&liar.lock);
}

static VAStatus answer(enum fake_call call, VADisplay display, VAStatus status, void *what)
{
    pthread_mutex_lock(&liar.lock);
    if (status == VA_STATUS_SUCCESS && lies(call)) {
        liar.told++;
        liar.lie->tell(display, what);
    }
    pthread_mutex_unlock(&liar.lock);
    return status;
}

/* --- images */

static void no_planes(VADisplay display, void *image)
{
    (void)display;
    ((VAImage *)image)->num_planes = 0;
}

static void a_plane_less(VADisplay display, void *image)
{
    (void)display;
    ((VAImage *)image)->num_planes--;
}

static void five_planes(VADisplay display, void *image)
{
    (void)display;
    ((VAImage *)image)->num_planes = 5;
}

static void no_pitch(VADisplay display, void *image)
{
    (void)display;
    memset(((VAImage *)image)->pitches, 0, sizeof((VAImage *)image)->pitches);
}

static void short_pitch(VADisplay display, void *image)
{
    (void)display;
    ((VAImage *)image)->pitches[0] = 15;
}

static void odd_pitch(VADisplay display, void *image)
{
    (void)display;
    ((VAImage *)image)->pitches[0]++;
}

static void huge_pitch(VADisplay display, void *image)
{
    (void)display;
    ((VAImage *)image)->pitches[0] = UINT32_MAX;
}

static void huge_pitches(VADisplay display, void *image)
{
    (void)display;
    memset(((VAImage *)image)->pitches, 0xff, sizeof((VAImage *)image)->pitches);
}

static void offset_at_the_end(VADisplay display, void *image)
{
    (void)display;
    ((VAImage *)image)->offsets[0] = ((VAImage *)image)->data_size;
}

static void huge_offset(VADisplay display, void *image)
{
    (void)display;
    ((VAImage *)image)->offsets[((VAImage *)image)->num_planes - 1] = UINT32_MAX - 15;
}

static void no_bytes(VADisplay display, void *image)
{
    (void)display;
    ((VAImage *)image)->data_size = 0;
}

static void fewer_bytes(VADisplay display, void *image)
{
    (void)display;
    ((VAImage *)image)->data_size /= 2;
}

static void another_fourcc(VADisplay display, void *image)
{
    (void)display;
    ((VAImage *)image)->format.fourcc = VA_FOURCC_UYVY;
}

static void no_fourcc(VADisplay display, void *image)
{
    (void)display;
    ((VAImage *)image)->format.fourcc = 0;
}

static void planes_at_one_place(VADisplay display, void *image)
{
    (void)display;
    ((VAImage *)image)->offsets[((VAImage *)image)->num_planes - 1] = ((VAImage *)image)->offsets[0];
}

static void planes_that_overlap(VADisplay display, void *image)
{
    (void)display;
    ((VAImage *)image)->offsets[((VAImage *)image)->num_planes - 1] -= ((VAImage *)image)->pitches[0];
}

static void planes_side_by_side(VADisplay display, void *image)
{
    VAImage *i = image;
    (void)display;
    if (i->pitches[0] == 64 && i->pitches[1] == 64) /* room for two rows of the small surfaces of sweeps */
        i->offsets[1] = i->offsets[0] + 32;
}

static void planes_in_another_order(VADisplay display, void *image)
{
    VAImage *i = image;
    uint32_t first = i->offsets[0], luma = i->offsets[1];
    (void)display;
    i->offsets[0] = i->data_size - luma;
    i->offsets[1] = first;
}

static void all_bytes(VADisplay display, void *image)
{
    (void)display;
    ((VAImage *)image)->data_size = UINT32_MAX;
}

static void another_size(VADisplay display, void *image)
{
    (void)display;
    ((VAImage *)image)->width = 0;
    ((VAImage *)image)->height = UINT16_MAX;
}

static void image_untouched(VADisplay display, void *image)
{
    (void)liar.real.destroy_image(display, ((VAImage *)image)->image_id);
    *(VAImage *)image = liar.former.image;
}

/* What has no name cannot be ended by it. */
static void no_image(VADisplay display, void *image)
{
    (void)liar.real.destroy_image(display, ((VAImage *)image)->image_id);
    ((VAImage *)image)->image_id = VA_INVALID_ID;
}

static void no_image_buffer(VADisplay display, void *image)
{
    (void)display;
    ((VAImage *)image)->buf = VA_INVALID_ID;
}

/* --- surfaces and buffers */

static void no_surface(VADisplay display, void *surface)
{
    (void)liar.real.destroy_surfaces(display, surface, 1);
    *(VASurfaceID *)surface = VA_INVALID_SURFACE;
}

static void surface_of_another(VADisplay display, void *surface)
{
    if (!liar.surfaces.count)
        return;
    (void)liar.real.destroy_surfaces(display, surface, 1);
    *(VASurfaceID *)surface = liar.surfaces.id[liar.surfaces.count - 1];
}

static void no_buffer(VADisplay display, void *buffer)
{
    (void)liar.real.destroy_buffer(display, *(VABufferID *)buffer);
    *(VABufferID *)buffer = VA_INVALID_ID;
}

static void buffer_of_another(VADisplay display, void *buffer)
{
    if (!liar.buffers.count)
        return;
    (void)liar.real.destroy_buffer(display, *(VABufferID *)buffer);
    *(VABufferID *)buffer = liar.buffers.id[liar.buffers.count - 1];
}

static void surface_untouched(VADisplay display, void *surface)
{
    (void)liar.real.destroy_surfaces(display, surface, 1);
    *(VASurfaceID *)surface = liar.former.id;
}

static void buffer_untouched(VADisplay display, void *buffer)
{
    (void)liar.real.destroy_buffer(display, *(VABufferID *)buffer);
    *(VABufferID *)buffer = liar.former.id;
}

static void address_untouched(VADisplay display, void *bytes)
{
    (void)display;
    *(void **)bytes = liar.former.address;
}

static void no_address(VADisplay display, void *bytes)
{
    (void)display;
    *(void **)bytes = NULL;
}

/* --- lists of formats, and names */

static void a_negative_count(VADisplay display, void *count)
{
    (void)display;
    *(int *)count = INT_MIN;
}

static void no_count(VADisplay display, void *count)
{
    (void)display;
    *(int *)count = 0;
}

static void a_huge_count(VADisplay display, void *count)
{
    (void)display;
    *(int *)count = INT_MAX;
}

static void no_name(VADisplay display, void *name)
{
    (void)display;
    *(const char **)name = NULL;
}

static void a_long_name(VADisplay display, void *name)
{
    static char text[5000];
    (void)display;
    memset(text, 'x', sizeof text - 1);
    *(const char **)name = text;
}

/* --- exports */

static void no_objects(VADisplay display, void *descriptor)
{
    VADRMPRIMESurfaceDescriptor *d = descriptor;
    (void)display;
    (void)close(d->objects[0].fd);
    d->num_objects = 0;
}

static void five_objects(VADisplay display, void *descriptor)
{
    VADRMPRIMESurfaceDescriptor *d = descriptor;
    (void)display;
    for (uint32_t i = 1; i < 4; i++)
        d->objects[i] = d->objects[0];
    d->num_objects = 5;
}

static void no_file(VADisplay display, void *descriptor)
{
    VADRMPRIMESurfaceDescriptor *d = descriptor;
    (void)display;
    (void)close(d->objects[0].fd);
    d->objects[0].fd = -1;
}

static void no_size(VADisplay display, void *descriptor)
{
    (void)display;
    ((VADRMPRIMESurfaceDescriptor *)descriptor)->objects[0].size = 0;
}

static void huge_size(VADisplay display, void *descriptor)
{
    (void)display;
    ((VADRMPRIMESurfaceDescriptor *)descriptor)->objects[0].size = UINT32_MAX;
}

static void no_layers(VADisplay display, void *descriptor)
{
    (void)display;
    ((VADRMPRIMESurfaceDescriptor *)descriptor)->num_layers = 0;
}

static void five_layers(VADisplay display, void *descriptor)
{
    (void)display;
    ((VADRMPRIMESurfaceDescriptor *)descriptor)->num_layers = 5;
}

static void layer_without_planes(VADisplay display, void *descriptor)
{
    (void)display;
    ((VADRMPRIMESurfaceDescriptor *)descriptor)->layers[0].num_planes = 0;
}

static void layer_of_five_planes(VADisplay display, void *descriptor)
{
    (void)display;
    ((VADRMPRIMESurfaceDescriptor *)descriptor)->layers[0].num_planes = 5;
}

static void plane_in_no_object(VADisplay display, void *descriptor)
{
    (void)display;
    ((VADRMPRIMESurfaceDescriptor *)descriptor)->layers[0].object_index[0] = 7;
}

static void plane_without_pitch(VADisplay display, void *descriptor)
{
    (void)display;
    ((VADRMPRIMESurfaceDescriptor *)descriptor)->layers[0].pitch[0] = 0;
}

static void plane_beyond_its_object(VADisplay display, void *descriptor)
{
    (void)display;
    ((VADRMPRIMESurfaceDescriptor *)descriptor)->layers[0].offset[0] = UINT32_MAX - 15;
}

static void plane_of_huge_pitch(VADisplay display, void *descriptor)
{
    (void)display;
    ((VADRMPRIMESurfaceDescriptor *)descriptor)->layers[0].pitch[0] = UINT32_MAX;
}

static void closed_file(VADisplay display, void *descriptor)
{
    (void)display;
    (void)close(((VADRMPRIMESurfaceDescriptor *)descriptor)->objects[0].fd);
}

static void object_left_out(VADisplay display, void *descriptor)
{
    (void)display;
    ((VADRMPRIMESurfaceDescriptor *)descriptor)->num_objects++;
}

static void export_planes_at_one_place(VADisplay display, void *descriptor)
{
    VADRMPRIMESurfaceDescriptor *d = descriptor;
    uint32_t layer = d->num_layers - 1, plane = d->layers[layer].num_planes - 1;
    (void)display;
    d->layers[layer].offset[plane] = d->layers[0].offset[0];
}

static void export_untouched(VADisplay display, void *descriptor)
{
    (void)display;
    (void)close(((VADRMPRIMESurfaceDescriptor *)descriptor)->objects[0].fd);
    *(VADRMPRIMESurfaceDescriptor *)descriptor = liar.former.descriptor;
}

static void no_modifier(VADisplay display, void *descriptor)
{
    (void)display;
    ((VADRMPRIMESurfaceDescriptor *)descriptor)->objects[0].drm_format_modifier = UINT64_C(0xffffffffffffff);
}

static void export_of_no_format(VADisplay display, void *descriptor)
{
    VADRMPRIMESurfaceDescriptor *d = descriptor;
    (void)display;
    d->fourcc = d->width = d->height = d->layers[0].drm_format = 0;
}

#define SEEN(text, call, tell)      \
    {                               \
        text, (call), (tell), false \
    }
#define HARMLESS(text, call, tell) \
    {                              \
        text, (call), (tell), true \
    }
#define OF_IMAGES(KIND, text, tell)                        \
    KIND("a derived image with " text, FAKE_DERIVE, tell), \
        KIND("an image with " text, FAKE_CREATE_IMAGE, tell)
#define OF_EXPORTS(KIND, text, tell) KIND("an export with " text, FAKE_EXPORT, tell)

/* Sizes of exported objects may be told wrong: drivers leave them out or round them up. */
const struct lie liar_lies[] = {
    OF_IMAGES(SEEN, "no plane", no_planes),
    OF_IMAGES(SEEN, "a plane less than the format has", a_plane_less),
    OF_IMAGES(HARMLESS, "five planes", five_planes),
    OF_IMAGES(SEEN, "pitch 0", no_pitch),
    OF_IMAGES(SEEN, "a pitch below its row", short_pitch),
    OF_IMAGES(SEEN, "an odd pitch", odd_pitch),
    OF_IMAGES(SEEN, "a pitch of 2^32 - 1", huge_pitch),
    OF_IMAGES(SEEN, "pitches of 2^32 - 1", huge_pitches),
    OF_IMAGES(SEEN, "a plane that begins where it ends", offset_at_the_end),
    OF_IMAGES(SEEN, "a plane far beyond it", huge_offset),
    OF_IMAGES(SEEN, "planes at one place", planes_at_one_place),
    OF_IMAGES(SEEN, "planes that overlap", planes_that_overlap),
    OF_IMAGES(HARMLESS, "planes in another order", planes_in_another_order),
    OF_IMAGES(HARMLESS, "planes side by side", planes_side_by_side),
    OF_IMAGES(SEEN, "no bytes", no_bytes),
    OF_IMAGES(SEEN, "half its bytes", fewer_bytes),
    OF_IMAGES(HARMLESS, "all bytes that there can be", all_bytes),
    OF_IMAGES(HARMLESS, "another size", another_size),
    OF_IMAGES(SEEN, "another fourcc", another_fourcc),
    OF_IMAGES(SEEN, "no fourcc", no_fourcc),
    OF_IMAGES(SEEN, "no id", no_image),
    OF_IMAGES(SEEN, "no buffer", no_image_buffer),
    OF_IMAGES(SEEN, "nothing said of it", image_untouched),
    SEEN("a surface without id", FAKE_CREATE_SURFACES, no_surface),
    SEEN("a surface with the id of another", FAKE_CREATE_SURFACES, surface_of_another),
    SEEN("a surface of which nothing is said", FAKE_CREATE_SURFACES, surface_untouched),
    SEEN("a buffer with the id of another", FAKE_CREATE_BUFFER, buffer_of_another),
    SEEN("a buffer without id", FAKE_CREATE_BUFFER, no_buffer),
    SEEN("a buffer of which nothing is said", FAKE_CREATE_BUFFER, buffer_untouched),
    SEEN("a map without address", FAKE_MAP, no_address),
    SEEN("a map of which nothing is said", FAKE_MAP, address_untouched),
    SEEN("a map to read without address", FAKE_MAP2, no_address),
    SEEN("a map to read of which nothing is said", FAKE_MAP2, address_untouched),
    SEEN("fewer than no formats at most", FAKE_MAX_FORMATS, a_negative_count),
    SEEN("no formats at most", FAKE_MAX_FORMATS, no_count),
    SEEN("2^31 - 1 formats at most", FAKE_MAX_FORMATS, a_huge_count),
    SEEN("fewer than no formats", FAKE_QUERY_FORMATS, a_negative_count),
    SEEN("no formats", FAKE_QUERY_FORMATS, no_count),
    SEEN("2^31 - 1 formats", FAKE_QUERY_FORMATS, a_huge_count),
    SEEN("no vendor", FAKE_VENDOR, no_name),
    SEEN("a vendor of 5000 letters", FAKE_VENDOR, a_long_name),
    OF_EXPORTS(SEEN, "no object", no_objects),
    OF_EXPORTS(SEEN, "five objects", five_objects),
    OF_EXPORTS(SEEN, "an object that was left out", object_left_out),
    OF_EXPORTS(SEEN, "a file that is none", no_file),
    OF_EXPORTS(SEEN, "a file that is closed", closed_file),
    OF_EXPORTS(HARMLESS, "an object of no bytes", no_size),
    OF_EXPORTS(HARMLESS, "an object of 4 GiB", huge_size),
    OF_EXPORTS(SEEN, "no layer", no_layers),
    OF_EXPORTS(SEEN, "five layers", five_layers),
    OF_EXPORTS(SEEN, "a layer without planes", layer_without_planes),
    OF_EXPORTS(SEEN, "a layer of five planes", layer_of_five_planes),
    OF_EXPORTS(SEEN, "a plane in no object", plane_in_no_object),
    OF_EXPORTS(SEEN, "a plane of pitch 0", plane_without_pitch),
    OF_EXPORTS(SEEN, "a plane beyond its object", plane_beyond_its_object),
    OF_EXPORTS(SEEN, "a plane of pitch 2^32 - 1", plane_of_huge_pitch),
    OF_EXPORTS(SEEN, "planes at one place", export_planes_at_one_place),
    OF_EXPORTS(SEEN, "nothing said of it", export_untouched),
    OF_EXPORTS(HARMLESS, "no modifier", no_modifier),
    OF_EXPORTS(HARMLESS, "neither format nor size", export_of_no_format),
};
const size_t liar_lie_count = sizeof liar_lies / sizeof liar_lies[0];

/* --- the table */

static void remember(struct given *given, VAStatus status, VAGenericID is, VAGenericID truly)
{
    pthread_mutex_lock(&liar.lock);
    if (status == VA_STATUS_SUCCESS && is == truly && given->count < FAKE_OBJECTS)
        given->id[given->count++] = is;
    pthread_mutex_unlock(&liar.lock);
}

static void forget(struct given *given, VAGenericID id)
{
    pthread_mutex_lock(&liar.lock);
    for (size_t i = 0; i < given->count; i++)
        if (given->id[i] == id)
            given->id[i] = given->id[--given->count];
    pthread_mutex_unlock(&liar.lock);
}

static const char *query_vendor_string(VADisplay display)
{
    const char *name = liar.real.query_vendor_string(display);
    (void)answer(FAKE_VENDOR, display, VA_STATUS_SUCCESS, &name);
    return name;
}

static int max_num_image_formats(VADisplay display)
{
    int count = liar.real.max_num_image_formats(display);
    (void)answer(FAKE_MAX_FORMATS, display, VA_STATUS_SUCCESS, &count);
    return count;
}

static VAStatus query_image_formats(VADisplay display, VAImageFormat *formats, int *count)
{
    VAStatus status = liar.real.query_image_formats(display, formats, count);
    return answer(FAKE_QUERY_FORMATS, display, status, count);
}

static VAStatus create_surfaces(VADisplay display, unsigned int rt_format, unsigned int width,
                                unsigned int height, VASurfaceID *surfaces, unsigned int count,
                                VASurfaceAttrib *attributes, unsigned int attribute_count)
{
    keep_former(FAKE_CREATE_SURFACES, surfaces, sizeof *surfaces);
    VAStatus status = liar.real.create_surfaces(display, rt_format, width, height, surfaces, count,
                                                attributes, attribute_count);
    VASurfaceID truly = status == VA_STATUS_SUCCESS ? surfaces[0] : VA_INVALID_SURFACE;
    status = answer(FAKE_CREATE_SURFACES, display, status, surfaces);
    remember(&liar.surfaces, status, surfaces[0], truly);
    return status;
}

static VAStatus destroy_surfaces(VADisplay display, VASurfaceID *surfaces, int count)
{
    for (int i = 0; i < count; i++)
        forget(&liar.surfaces, surfaces[i]);
    return liar.real.destroy_surfaces(display, surfaces, count);
}

static VAStatus derive_image(VADisplay display, VASurfaceID surface, VAImage *image)
{
    keep_former(FAKE_DERIVE, image, sizeof *image);
    return answer(FAKE_DERIVE, display, liar.real.derive_image(display, surface, image), image);
}

static VAStatus create_image(VADisplay display, VAImageFormat *format, int width, int height, VAImage *image)
{
    keep_former(FAKE_CREATE_IMAGE, image, sizeof *image);
    VAStatus status = liar.real.create_image(display, format, width, height, image);
    return answer(FAKE_CREATE_IMAGE, display, status, image);
}

static VAStatus create_buffer(VADisplay display, VAContextID context, VABufferType type, unsigned int size,
                              unsigned int count, void *data, VABufferID *buffer)
{
    keep_former(FAKE_CREATE_BUFFER, buffer, sizeof *buffer);
    VAStatus status = liar.real.create_buffer(display, context, type, size, count, data, buffer);
    VABufferID truly = status == VA_STATUS_SUCCESS ? *buffer : VA_INVALID_ID;
    status = answer(FAKE_CREATE_BUFFER, display, status, buffer);
    remember(&liar.buffers, status, *buffer, truly);
    return status;
}

static VAStatus destroy_buffer(VADisplay display, VABufferID buffer)
{
    forget(&liar.buffers, buffer);
    return liar.real.destroy_buffer(display, buffer);
}

static VAStatus map_buffer(VADisplay display, VABufferID buffer, void **bytes)
{
    keep_former(FAKE_MAP, bytes, sizeof *bytes);
    return answer(FAKE_MAP, display, liar.real.map_buffer(display, buffer, bytes), bytes);
}

static VAStatus map_buffer2(VADisplay display, VABufferID buffer, void **bytes, uint32_t flags)
{
    keep_former(FAKE_MAP2, bytes, sizeof *bytes);
    return answer(FAKE_MAP2, display, liar.real.map_buffer2(display, buffer, bytes, flags), bytes);
}

static VAStatus export_surface_handle(VADisplay display, VASurfaceID surface, uint32_t type, uint32_t flags,
                                      void *descriptor)
{
    keep_former(FAKE_EXPORT, descriptor, sizeof(VADRMPRIMESurfaceDescriptor));
    VAStatus status = liar.real.export_surface_handle(display, surface, type, flags, descriptor);
    return answer(FAKE_EXPORT, display, status, descriptor);
}

void liar_wrap(struct vfa_va_api *api)
{
    liar_arm(NULL, 0, false);
    liar.real = *api;
    api->query_vendor_string = query_vendor_string;
    api->max_num_image_formats = max_num_image_formats;
    api->query_image_formats = query_image_formats;
    api->create_surfaces = create_surfaces;
    api->destroy_surfaces = destroy_surfaces;
    api->derive_image = derive_image;
    api->create_image = create_image;
    api->create_buffer = create_buffer;
    api->destroy_buffer = destroy_buffer;
    api->map_buffer = map_buffer;
    if (api->map_buffer2)
        api->map_buffer2 = map_buffer2;
    api->export_surface_handle = export_surface_handle;
}

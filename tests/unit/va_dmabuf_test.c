/* dma-bufs over a driver that does what real ones do wrong: answers that make no sense, layouts that are not
 * honoured, and every call failing in turn. */
#include "va_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <vfa/dmabuf.h>

#define PITCH 64
#define SLOTS 2

/* NV12 slots and frames, and two pictures of the same layout in memory files. */
struct bench {
    struct va_fixture v;
    mfxFrameAllocResponse slots, own;
    int fd[2];
    VADRMPRIMESurfaceDescriptor picture[2];
};

/* --- a picture in memory that no driver made */

static int memory_file(size_t bytes)
{
    int fd = memfd_create("picture", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)bytes), 0);
    return fd;
}

static VADRMPRIMESurfaceDescriptor picture_in(int fd)
{
    VADRMPRIMESurfaceDescriptor d;
    memset(&d, 0, sizeof d);
    d.fourcc = VA_FOURCC_NV12;
    d.width = VA_WIDTH;
    d.height = VA_HEIGHT;
    d.num_objects = 1;
    d.objects[0].fd = fd;
    d.objects[0].size = 4096;
    d.num_layers = 1;
    d.layers[0].drm_format = vfa_format_find(MFX_FOURCC_NV12)->drm_fourcc;
    d.layers[0].num_planes = 2;
    d.layers[0].offset[1] = PITCH * VA_HEIGHT;
    d.layers[0].pitch[0] = d.layers[0].pitch[1] = PITCH;
    return d;
}

/* Luma, and chroma at `chroma` in another file or the same. */
static void fill_picture(int luma_fd, int chroma_fd, off_t chroma, unsigned int seed)
{
    mfxU8 row[VA_WIDTH];
    for (size_t y = 0; y < VA_HEIGHT * 3 / 2; y++) {
        bool is_chroma = y >= VA_HEIGHT;
        size_t line = is_chroma ? y - VA_HEIGHT : y;
        for (size_t x = 0; x < VA_WIDTH; x++)
            row[x] = va_pixel(seed, is_chroma, line, x);
        off_t at = (is_chroma ? chroma : 0) + (off_t)(line * PITCH);
        assert_int_equal(pwrite(is_chroma ? chroma_fd : luma_fd, row, sizeof row, at), sizeof row);
    }
}

/* --- a driver whose answers are changed on their way */

static struct {
    struct vfa_va_api real;
    void (*change_export)(VADRMPRIMESurfaceDescriptor *);
    void (*change_import)(VADRMPRIMESurfaceDescriptor *);
    bool refuse_composed;
    int fd_before; /* what the descriptor of an export held when the driver got it */
} middle;

static VAStatus changed_export(VADisplay display, VASurfaceID surface, uint32_t type, uint32_t flags,
                               void *out)
{
    if (middle.refuse_composed && flags & VA_EXPORT_SURFACE_COMPOSED_LAYERS)
        return VA_STATUS_ERROR_INVALID_SURFACE;
    middle.fd_before = ((VADRMPRIMESurfaceDescriptor *)out)->objects[0].fd;
    VAStatus status = middle.real.export_surface_handle(display, surface, type, flags, out);
    if (status == VA_STATUS_SUCCESS && middle.change_export)
        middle.change_export(out);
    return status;
}

static VAStatus changed_create(VADisplay display, unsigned int rt_format, unsigned int width,
                               unsigned int height, VASurfaceID *surfaces, unsigned int count,
                               VASurfaceAttrib *attributes, unsigned int attribute_count)
{
    VADRMPRIMESurfaceDescriptor changed;
    for (unsigned int i = 0; i < attribute_count; i++) {
        if (attributes[i].type == VASurfaceAttribExternalBufferDescriptor && middle.change_import) {
            changed = *(VADRMPRIMESurfaceDescriptor *)attributes[i].value.value.p;
            middle.change_import(&changed);
            attributes[i].value.value.p = &changed;
        }
    }
    return middle.real.create_surfaces(display, rt_format, width, height, surfaces, count, attributes,
                                       attribute_count);
}

/* --- the bench */

static void open_bench(struct bench *b, uint64_t modifier)
{
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, SLOTS);
    memset(b, 0, sizeof *b);
    memset(&middle, 0, sizeof middle);
    va_prepare(&b->v);
    b->v.fake.modifier = modifier;
    middle.real = b->v.api;
    b->v.api.export_surface_handle = changed_export;
    b->v.api.create_surfaces = changed_create;
    va_open(&b->v);
    b->own = va_alloc(&b->v, MFX_FOURCC_NV12, 1);
    assert_int_equal(vfa_va_slots_alloc(b->v.va, b->v.f.a, &request, 0, &b->slots), MFX_ERR_NONE);
    for (unsigned int i = 0; i < 2; i++) {
        b->fd[i] = memory_file(4096);
        b->picture[i] = picture_in(b->fd[i]);
        fill_picture(b->fd[i], b->fd[i], PITCH * VA_HEIGHT, i);
    }
}

static void close_bench(struct bench *b)
{
    assert_int_equal(vfa_frames_free(b->v.f.a, &b->slots), MFX_ERR_NONE);
    assert_int_equal(vfa_frames_free(b->v.f.a, &b->own), MFX_ERR_NONE);
    assert_int_equal(vfa_va_import_forget(b->v.va, 0), MFX_ERR_NONE);
    va_close(&b->v);
    close(b->fd[0]);
    close(b->fd[1]);
}

static mfxStatus export_frame(struct bench *b, unsigned int flags, VADRMPRIMESurfaceDescriptor *out)
{
    return vfa_va_export(b->v.va, b->v.f.a, b->own.mids[0], flags, out);
}

static mfxStatus bind_slot(struct bench *b, size_t slot, const VADRMPRIMESurfaceDescriptor *d, uint64_t key)
{
    return vfa_va_bind_dmabuf(b->v.va, b->v.f.a, b->slots.mids[slot], d, key);
}

static void assert_error(struct bench *b, mfxStatus status, mfxStatus wanted, const char *words)
{
    struct vfa_error error = error_of(&b->v);
    if (status != wanted || !strstr(error.text, words))
        fail_msg("%s, wanted %s with \"%s\": %s", vfa_status_name(status), vfa_status_name(wanted), words,
                 error.text);
}

static void assert_shows(struct bench *b, size_t slot, unsigned int seed)
{
    assert_int_equal(va_count_bad(&b->v, MFX_FOURCC_NV12, b->slots.mids[slot], seed), 0);
}

static struct vfa_va_stats figures_of(struct bench *b)
{
    struct vfa_va_stats stats;
    assert_int_equal(vfa_va_stats(b->v.va, &stats), MFX_ERR_NONE);
    return stats;
}

/* --- export */

static void no_objects(VADRMPRIMESurfaceDescriptor *d)
{
    close(d->objects[0].fd);
    d->num_objects = 0;
}

static void five_objects(VADRMPRIMESurfaceDescriptor *d)
{
    for (size_t i = 1; i < 4; i++)
        d->objects[i].fd = fcntl(d->objects[0].fd, F_DUPFD, 0);
    d->num_objects = 5;
}

static void no_layers(VADRMPRIMESurfaceDescriptor *d)
{
    d->num_layers = 0;
}

static void five_layers(VADRMPRIMESurfaceDescriptor *d)
{
    d->num_layers = 5;
}

static void no_planes(VADRMPRIMESurfaceDescriptor *d)
{
    d->layers[0].num_planes = 0;
}

static void five_planes(VADRMPRIMESurfaceDescriptor *d)
{
    d->layers[0].num_planes = 5;
}

static void plane_elsewhere(VADRMPRIMESurfaceDescriptor *d)
{
    d->layers[0].object_index[1] = 1;
}

static void no_pitch(VADRMPRIMESurfaceDescriptor *d)
{
    d->layers[0].pitch[1] = 0;
}

static void no_file(VADRMPRIMESurfaceDescriptor *d)
{
    close(d->objects[0].fd);
    d->objects[0].fd = -1;
}

static void file_left_alone(VADRMPRIMESurfaceDescriptor *d)
{
    close(d->objects[0].fd);
    d->objects[0].fd = middle.fd_before;
}

static void a_closed_file(VADRMPRIMESurfaceDescriptor *d)
{
    d->num_objects = 2;
    d->objects[1] = d->objects[0];
    d->objects[1].fd = 1000000;
}

static void an_answer_that_makes_no_sense_is_an_error_and_closed(void **state)
{
    static const struct {
        void (*change)(VADRMPRIMESurfaceDescriptor *);
        const char *words;
    } answers[] = {
        {no_objects, "no object"},
        {five_objects, "no object, or more than four"},
        {no_layers, "no layer"},
        {five_layers, "no layer, or more than four"},
        {no_planes, "without planes"},
        {five_planes, "with more than four"},
        {plane_elsewhere, "an object that there is not"},
        {no_pitch, "pitch 0"},
        {no_file, "not open"},
        {file_left_alone, "not open"},
        {a_closed_file, "not open"},
    };
    static struct bench b;
    VADRMPRIMESurfaceDescriptor d;
    (void)state;
    open_bench(&b, 0);
    int files = open_fds();
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        middle.change_export = answers[i].change;
        memset(&d, 0xff, sizeof d);
        assert_error(&b, export_frame(&b, VFA_VA_EXPORT_READ, &d), MFX_ERR_DEVICE_FAILED, answers[i].words);
        assert_int_equal(d.num_objects, 0);
        assert_int_equal(open_fds(), files);
        assert_int_equal(figures_of(&b).fds, 0);
    }
    close_bench(&b);
}

static void inherited(VADRMPRIMESurfaceDescriptor *d)
{
    (void)fcntl(d->objects[0].fd, F_SETFD, 0);
}

static void exported_files_are_closed_on_exec(void **state)
{
    static struct bench b;
    VADRMPRIMESurfaceDescriptor d;
    (void)state;
    open_bench(&b, 0);
    middle.change_export = inherited;
    assert_int_equal(export_frame(&b, VFA_VA_EXPORT_READ, &d), MFX_ERR_NONE);
    assert_int_equal(fcntl(d.objects[0].fd, F_GETFD), FD_CLOEXEC);
    vfa_va_descriptor_close(&d);
    close_bench(&b);
}

/* As it is where an application has no standard input, by a driver that does not know sizes. */
static void file_0(VADRMPRIMESurfaceDescriptor *d)
{
    assert_int_equal(dup2(d->objects[0].fd, 0), 0);
    close(d->objects[0].fd);
    d->objects[0].fd = 0;
    d->objects[0].size = 0;
}

static void a_file_with_the_number_0_is_one(void **state)
{
    static struct bench b;
    VADRMPRIMESurfaceDescriptor d;
    (void)state;
    open_bench(&b, 0);
    int standard = fcntl(0, F_DUPFD, 3);
    middle.change_export = file_0;
    assert_int_equal(export_frame(&b, VFA_VA_EXPORT_READ, &d), MFX_ERR_NONE);
    assert_int_equal(d.objects[0].fd, 0);
    vfa_va_descriptor_close(&d);
    assert_int_equal(fcntl(0, F_GETFD), -1);
    if (standard >= 0) {
        assert_int_equal(dup2(standard, 0), 0);
        close(standard);
    }
    close_bench(&b);
}

static void one_file_for_two(VADRMPRIMESurfaceDescriptor *d)
{
    d->num_objects = 2;
    d->objects[1] = d->objects[0];
    d->layers[0].object_index[1] = 1;
}

static void a_file_given_for_two_objects_is_closed_once(void **state)
{
    static struct bench b;
    VADRMPRIMESurfaceDescriptor d;
    (void)state;
    open_bench(&b, 0);
    middle.change_export = one_file_for_two;
    int files = open_fds();
    assert_int_equal(export_frame(&b, VFA_VA_EXPORT_READ, &d), MFX_ERR_NONE);
    assert_int_equal(figures_of(&b).fds, 0);
    errno = 0;
    vfa_va_descriptor_close(&d);
    assert_int_equal(errno, 0);
    assert_int_equal(open_fds(), files);
    close_bench(&b);
}

static void formats_of_one_plane_are_exported_in_the_form_that_the_driver_has(void **state)
{
    static struct bench b;
    VADRMPRIMESurfaceDescriptor d;
    (void)state;
    open_bench(&b, 0);
    mfxFrameAllocResponse packed = va_alloc(&b.v, MFX_FOURCC_YUY2, 1);
    middle.refuse_composed = true;
    assert_int_equal(vfa_va_export(b.v.va, b.v.f.a, packed.mids[0], VFA_VA_EXPORT_READ, &d), MFX_ERR_NONE);
    assert_int_equal(d.num_layers, 1);
    vfa_va_descriptor_close(&d);
    assert_error(&b, export_frame(&b, VFA_VA_EXPORT_READ, &d), MFX_ERR_INVALID_HANDLE,
                 "vaExportSurfaceHandle");
    assert_int_equal(vfa_frames_free(b.v.f.a, &packed), MFX_ERR_NONE);
    close_bench(&b);
}

static void an_export_waits_for_the_driver(void **state)
{
    static struct bench b;
    VADRMPRIMESurfaceDescriptor d;
    (void)state;
    open_bench(&b, 0);
    b.v.fake.refuse[FAKE_SYNC2] = VA_STATUS_ERROR_TIMEDOUT;
    assert_error(&b, export_frame(&b, VFA_VA_EXPORT_READ, &d), MFX_ERR_GPU_HANG, "vaSyncSurface2");
    b.v.fake.refuse[FAKE_SYNC2] = VA_STATUS_SUCCESS;
    close_bench(&b);
}

static void a_coded_buffer_is_not_exported(void **state)
{
    static struct bench b;
    VADRMPRIMESurfaceDescriptor d;
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_P8, 1);
    mfxFrameAllocResponse coded;
    (void)state;
    open_bench(&b, 0);
    request.Info.BufferSize = 100;
    assert_int_equal(alloc(&b.v.f, &request, &coded), MFX_ERR_NONE);
    assert_error(&b, vfa_va_export(b.v.va, b.v.f.a, coded.mids[0], VFA_VA_EXPORT_READ, &d),
                 MFX_ERR_UNSUPPORTED, "coded buffer");
    assert_int_equal(vfa_frames_free(b.v.f.a, &coded), MFX_ERR_NONE);
    close_bench(&b);
}

/* --- import */

static void planes_may_lie_in_buffers_of_their_own(void **state)
{
    static struct bench b;
    (void)state;
    open_bench(&b, 0);
    VADRMPRIMESurfaceDescriptor d = picture_in(b.fd[0]);
    d.num_objects = 2;
    d.objects[1] = d.objects[0];
    d.objects[1].fd = b.fd[1];
    d.layers[0].object_index[1] = 1;
    d.layers[0].offset[1] = 128;
    fill_picture(b.fd[0], b.fd[1], 128, 5);
    assert_int_equal(bind_slot(&b, 0, &d, 0), MFX_ERR_NONE);
    assert_shows(&b, 0, 5);
    va_write(&b.v, MFX_FOURCC_NV12, b.slots.mids[0], 6);
    fill_picture(b.fd[0], b.fd[1], 128, 6);
    assert_shows(&b, 0, 6);
    close_bench(&b);
}

static void a_buffer_that_no_plane_lies_in_is_left_out(void **state)
{
    static struct bench b;
    (void)state;
    open_bench(&b, 0);
    VADRMPRIMESurfaceDescriptor d = b.picture[0];
    d.num_objects = 2;
    d.objects[1] = b.picture[1].objects[0];
    d.layers[0].object_index[0] = d.layers[0].object_index[1] = 1;
    assert_int_equal(bind_slot(&b, 0, &d, 0), MFX_ERR_NONE);
    assert_shows(&b, 0, 1);
    close_bench(&b);
}

static void round_down(VADRMPRIMESurfaceDescriptor *d)
{
    d->layers[0].offset[1] = d->layers[0].offset[1] / PITCH * PITCH;
}

static void luma_pitch(VADRMPRIMESurfaceDescriptor *d)
{
    d->layers[0].pitch[1] = d->layers[0].pitch[0];
}

static void first_object(VADRMPRIMESurfaceDescriptor *d)
{
    d->num_objects = 1;
    d->layers[0].object_index[1] = 0;
}

static void a_layout_that_the_driver_changes_is_refused(void **state)
{
    static struct bench b;
    (void)state;
    open_bench(&b, 0);
    VADRMPRIMESurfaceDescriptor d = b.picture[0];
    middle.change_import = round_down;
    d.layers[0].offset[1] += 16;
    assert_error(&b, bind_slot(&b, 0, &d, 1), MFX_ERR_UNSUPPORTED, "not its layout");
    middle.change_import = luma_pitch;
    d = b.picture[0];
    d.layers[0].pitch[1] = 2 * PITCH;
    assert_error(&b, bind_slot(&b, 0, &d, 1), MFX_ERR_UNSUPPORTED, "not its layout");
    middle.change_import = first_object;
    d = b.picture[0];
    d.num_objects = 2;
    d.objects[1] = b.picture[1].objects[0];
    d.layers[0].object_index[1] = 1;
    assert_error(&b, bind_slot(&b, 0, &d, 1), MFX_ERR_UNSUPPORTED, "not its layout");
    assert_int_equal(figures_of(&b).surfaces, 1); /* that of the own frame */
    close_bench(&b);
}

static void where_nothing_is_exported_a_derived_image_proves_the_layout(void **state)
{
    static struct bench b;
    (void)state;
    open_bench(&b, 0);
    b.v.fake.refuse[FAKE_EXPORT] = VA_STATUS_ERROR_INVALID_SURFACE;
    VADRMPRIMESurfaceDescriptor d = b.picture[0];
    assert_int_equal(bind_slot(&b, 0, &d, 0), MFX_ERR_NONE);
    assert_shows(&b, 0, 0);
    middle.change_import = round_down;
    d.layers[0].offset[1] += 16;
    assert_error(&b, bind_slot(&b, 1, &d, 0), MFX_ERR_UNSUPPORTED, "not its layout");
    middle.change_import = first_object; /* an image has one buffer, and does not tell which */
    d = b.picture[0];
    d.num_objects = 2;
    d.objects[1] = b.picture[1].objects[0];
    d.layers[0].object_index[1] = 1;
    assert_error(&b, bind_slot(&b, 1, &d, 0), MFX_ERR_UNSUPPORTED, "not its layout");
    middle.change_import = NULL;
    b.v.fake.refuse[FAKE_DERIVE] = VA_STATUS_ERROR_UNIMPLEMENTED;
    assert_error(&b, bind_slot(&b, 1, &b.picture[1], 0), MFX_ERR_NOT_IMPLEMENTED, "vaDeriveImage");
    b.v.fake.refuse[FAKE_DERIVE] = VA_STATUS_SUCCESS;
    close_bench(&b);
}

static void the_modifier_is_the_drivers_own_or_linear(void **state)
{
    static struct bench b;
    const uint64_t own = UINT64_C(0x0100000000000002);
    (void)state;
    open_bench(&b, own);
    VADRMPRIMESurfaceDescriptor d = b.picture[1];
    d.objects[0].drm_format_modifier = own;
    assert_int_equal(bind_slot(&b, 0, &d, 0), MFX_ERR_NONE);
    d.objects[0].drm_format_modifier = own + 1;
    assert_error(
        &b, bind_slot(&b, 0, &d, 0), MFX_ERR_UNSUPPORTED,
        "modifier 0x0100000000000003: taken are 0 (linear) and what the driver's own surfaces export, "
        "0x0100000000000002");
    d.objects[0].drm_format_modifier = 0; /* the fake takes no other than its own */
    assert_error(&b, bind_slot(&b, 0, &d, 0), MFX_ERR_MEMORY_ALLOC, "vaCreateSurfaces(DRM_PRIME_2)");
    assert_shows(&b, 0, 1);
    close_bench(&b);
}

static void a_buffer_without_bytes_is_refused(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, 0);
    int fd = memory_file(0);
    VADRMPRIMESurfaceDescriptor d = picture_in(fd);
    assert_error(&b, bind_slot(&b, 0, &d, 0), MFX_ERR_INVALID_VIDEO_PARAM, "said to have 4096 bytes, has 0");
    close(fd);
    close_bench(&b);
}

static void buffers_that_the_kernel_does_not_tell_apart_are_imported_each_time(void **state)
{
    static struct bench b;
    (void)state;
    open_bench(&b, 0);
    VADRMPRIMESurfaceDescriptor d = b.picture[0];
    d.objects[0].fd = open("/dev/zero", O_RDWR | O_CLOEXEC); /* memory without a size */
    assert_true(d.objects[0].fd >= 0);
    assert_int_equal(bind_slot(&b, 0, &d, 1), MFX_ERR_NONE);
    assert_int_equal(bind_slot(&b, 0, &d, 1), MFX_ERR_NONE);
    assert_int_equal(figures_of(&b).imports, 2);
    assert_int_equal(figures_of(&b).import_hits, 0);
    assert_int_equal(figures_of(&b).surfaces, 2); /* the own frame's, and the second */
    close(d.objects[0].fd);
    close_bench(&b);
}

static void a_surface_that_the_driver_does_not_derive_is_believed(void **state)
{
    static struct bench b;
    (void)state;
    open_bench(&b, 0);
    VASurfaceID own = surface_of(&b.v, b.own.mids[0]);
    assert_int_equal(own, 0); /* a valid id */
    b.v.fake.refuse[FAKE_DERIVE] = VA_STATUS_ERROR_OPERATION_FAILED;
    assert_int_equal(vfa_va_bind_surface(b.v.va, b.v.f.a, b.slots.mids[0], own), MFX_ERR_NONE);
    b.v.fake.refuse[FAKE_DERIVE] = VA_STATUS_SUCCESS;
    assert_int_equal(surface_of(&b.v, b.slots.mids[0]), own);
    va_write(&b.v, MFX_FOURCC_NV12, b.own.mids[0], 9);
    assert_shows(&b, 0, 9);
    close_bench(&b);
}

static void a_lock_that_fails_leaves_the_buffer_to_other_frames(void **state)
{
    static struct bench b;
    mfxFrameData data;
    (void)state;
    open_bench(&b, 0);
    assert_int_equal(bind_slot(&b, 0, &b.picture[0], 1), MFX_ERR_NONE);
    assert_int_equal(bind_slot(&b, 1, &b.picture[0], 1), MFX_ERR_NONE);
    b.v.fake.refuse[FAKE_SYNC2] = VA_STATUS_ERROR_TIMEDOUT;
    assert_error(&b, lock(&b.v.f, b.slots.mids[0], &data), MFX_ERR_GPU_HANG, "vaSyncSurface2");
    b.v.fake.refuse[FAKE_SYNC2] = VA_STATUS_SUCCESS;
    assert_shows(&b, 1, 0);
    close_bench(&b);
}

static void kept_imports_end_with_the_backend(void **state)
{
    static struct bench b;
    (void)state;
    open_bench(&b, 0);
    assert_int_equal(bind_slot(&b, 0, &b.picture[0], 1), MFX_ERR_NONE);
    fixture_close(&b.v.f); /* the allocator frees the frames */
    assert_int_equal(figures_of(&b).surfaces, 1);
    vfa_va_destroy(&b.v.va);
    assert_int_equal(fake_va_alive(&b.v.fake), 0);
    assert_int_equal(atomic_load(&b.v.va_memory.live_bytes), 0);
    fake_va_finish(&b.v.fake);
    pthread_mutex_destroy(&b.v.va_log.lock);
    close(b.fd[0]);
    close(b.fd[1]);
}

static void slots_have_no_memory_of_their_own(void **state)
{
    static struct bench b;
    (void)state;
    open_bench(&b, 0);
    uint64_t bytes = stats_of(&b.v.f).frame_bytes;
    assert_int_equal(vfa_frames_free(b.v.f.a, &b.slots), MFX_ERR_NONE);
    assert_int_equal(stats_of(&b.v.f).frame_bytes, bytes);
    close_bench(&b);
}

static void a_detail_that_is_not_known_is_refused(void **state)
{
    static struct bench b;
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 1);
    mfxFrameAllocResponse response;
    (void)state;
    open_bench(&b, 0);
    assert_error(&b, vfa_frames_alloc_from(b.v.f.a, b.v.va, "detail", &request, 0, &response),
                 MFX_ERR_INVALID_VIDEO_PARAM, "detail");
    close_bench(&b);
}

/* --- every call failing in turn */

static mfxStatus run_export(struct bench *b)
{
    VADRMPRIMESurfaceDescriptor d;
    mfxStatus status = export_frame(b, VFA_VA_EXPORT_READ, &d);
    assert_int_equal(d.num_objects, status == MFX_ERR_NONE);
    vfa_va_descriptor_close(&d);
    return status;
}

static mfxStatus run_bind(struct bench *b)
{
    return bind_slot(b, 0, &b->picture[1], 0);
}

static mfxStatus run_bind_with_key(struct bench *b)
{
    return bind_slot(b, 0, &b->picture[1], 7);
}

static mfxStatus run_bind_surface(struct bench *b)
{
    return vfa_va_bind_surface(b->v.va, b->v.f.a, b->slots.mids[0], surface_of(&b->v, b->own.mids[0]));
}

static mfxStatus run_unbind(struct bench *b)
{
    return vfa_va_unbind(b->v.va, b->v.f.a, b->slots.mids[0]);
}

/* The n-th call of libva fails while the slot shows picture 0. Returns whether there was an n-th. */
static bool run_with_fault(struct bench *b, mfxStatus (*run)(struct bench *), long n, VAStatus status)
{
    struct fake_va *fake = &b->v.fake;
    assert_int_equal(bind_slot(b, 0, &b->picture[0], 0), MFX_ERR_NONE);
    assert_int_equal(vfa_va_import_forget(b->v.va, 0), MFX_ERR_NONE);
    int files = open_fds();
    long alive = fake_va_alive(fake);
    fake_va_fail(fake, FAKE_ANY, n, status);
    mfxStatus result = run(b);
    int call = atomic_load(&fake->failed_call);
    fake_va_fail(fake, FAKE_ANY, 0, VA_STATUS_SUCCESS);
    if (result != MFX_ERR_NONE) {
        assert_int_equal(result, vfa_va_status(status));
        if (status != VA_STATUS_ERROR_TIMEDOUT) /* that is told in words */
            assert_non_null(strstr(error_of(&b->v).text, vfa_va_status_name(status)));
        assert_int_equal(open_fds(), files);
        assert_int_equal(fake_va_alive(fake), alive);
        assert_shows(b, 0, 0);
        assert_int_equal(run(b), MFX_ERR_NONE); /* works right after */
    }
    assert_int_equal(figures_of(b).fds, 0);
    return call != FAKE_CALLS;
}

static void sweep(mfxStatus (*run)(struct bench *))
{
    static struct bench b;
    open_bench(&b, 0);
    for (size_t s = 0; s < fake_va_status_count; s++) {
        long n = 1;
        while (run_with_fault(&b, run, n, fake_va_statuses[s]))
            n++;
        assert_true(n > 1); /* the operation calls the driver */
    }
    close_bench(&b);
}

static void export_with_every_call_failing(void **state)
{
    (void)state;
    sweep(run_export);
}

static void bind_with_every_call_failing(void **state)
{
    (void)state;
    sweep(run_bind);
    sweep(run_bind_with_key);
}

static void bind_surface_with_every_call_failing(void **state)
{
    (void)state;
    sweep(run_bind_surface);
}

static void unbind_with_every_call_failing(void **state)
{
    (void)state;
    sweep(run_unbind);
}

static void without_memory_the_former_binding_stays(void **state)
{
    static struct bench b;
    (void)state;
    open_bench(&b, 0);
    assert_int_equal(bind_slot(&b, 0, &b.picture[0], 1), MFX_ERR_NONE);
    b.v.va_memory.fail_at = atomic_load(&b.v.va_memory.requests) + 1;
    assert_error(&b, bind_slot(&b, 0, &b.picture[1], 1), MFX_ERR_MEMORY_ALLOC, "record of an import");
    assert_shows(&b, 0, 0);
    assert_int_equal(bind_slot(&b, 1, &b.picture[0], 1), MFX_ERR_NONE);
    assert_int_equal(figures_of(&b).import_hits, 1);
    close_bench(&b);
}

/* --- threads */

#define THREADS 4
#define ROUNDS  200

struct worker {
    struct bench *b;
    mfxMemId mid;
    unsigned int number;
};

/* Binds buffers under keys that the others use too, and reads them. */
static void *bind_and_read(void *user)
{
    const struct worker *w = user;
    struct bench *b = w->b;
    for (unsigned int i = 0; i < ROUNDS; i++) {
        unsigned int picture = (i + w->number) % 2;
        uint64_t key = i % 3 == 2 ? 5 : picture + 1; /* key 5: of either */
        mfxFrameData data;
        memset(&data, 0, sizeof data);
        if (vfa_va_bind_dmabuf(b->v.va, b->v.f.a, w->mid, &b->picture[picture], key) != MFX_ERR_NONE)
            return "bind";
        mfxStatus status = vfa_map(b->v.f.a, w->mid, MFX_MAP_READ, &data);
        if (status == MFX_ERR_NONE) {
            if (va_pixels(MFX_FOURCC_NV12, &data, picture, VA_COUNT_BAD))
                return "pixels";
            if (vfa_unmap(b->v.f.a, w->mid, &data) != MFX_ERR_NONE)
                return "unmap";
        } else if (status != MFX_ERR_LOCK_MEMORY) { /* another thread has the buffer locked */
            return "map";
        }
        if (i % 16 == 0)
            (void)vfa_va_import_forget(b->v.va, i % 32 ? 0 : key);
    }
    return NULL;
}

static void threads_bind_the_same_buffers(void **state)
{
    static struct bench b;
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, THREADS);
    mfxFrameAllocResponse slots;
    struct worker worker[THREADS];
    pthread_t thread[THREADS];
    (void)state;
    open_bench(&b, 0);
    assert_int_equal(vfa_va_slots_alloc(b.v.va, b.v.f.a, &request, 0, &slots), MFX_ERR_NONE);
    for (unsigned int i = 0; i < THREADS; i++) {
        worker[i] = (struct worker){.b = &b, .mid = slots.mids[i], .number = i};
        assert_int_equal(pthread_create(&thread[i], NULL, bind_and_read, &worker[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *failed = NULL;
        assert_int_equal(pthread_join(thread[i], &failed), 0);
        if (failed)
            fail_msg("%s: %s", (const char *)failed, error_of(&b.v).text);
    }
    assert_int_equal(vfa_frames_free(b.v.f.a, &slots), MFX_ERR_NONE);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_that_makes_no_sense_is_an_error_and_closed),
        cmocka_unit_test(exported_files_are_closed_on_exec),
        cmocka_unit_test(a_file_with_the_number_0_is_one),
        cmocka_unit_test(a_file_given_for_two_objects_is_closed_once),
        cmocka_unit_test(formats_of_one_plane_are_exported_in_the_form_that_the_driver_has),
        cmocka_unit_test(an_export_waits_for_the_driver),
        cmocka_unit_test(a_coded_buffer_is_not_exported),
        cmocka_unit_test(planes_may_lie_in_buffers_of_their_own),
        cmocka_unit_test(a_buffer_that_no_plane_lies_in_is_left_out),
        cmocka_unit_test(a_layout_that_the_driver_changes_is_refused),
        cmocka_unit_test(where_nothing_is_exported_a_derived_image_proves_the_layout),
        cmocka_unit_test(the_modifier_is_the_drivers_own_or_linear),
        cmocka_unit_test(a_buffer_without_bytes_is_refused),
        cmocka_unit_test(buffers_that_the_kernel_does_not_tell_apart_are_imported_each_time),
        cmocka_unit_test(a_surface_that_the_driver_does_not_derive_is_believed),
        cmocka_unit_test(a_lock_that_fails_leaves_the_buffer_to_other_frames),
        cmocka_unit_test(kept_imports_end_with_the_backend),
        cmocka_unit_test(slots_have_no_memory_of_their_own),
        cmocka_unit_test(a_detail_that_is_not_known_is_refused),
        cmocka_unit_test(export_with_every_call_failing),
        cmocka_unit_test(bind_with_every_call_failing),
        cmocka_unit_test(bind_surface_with_every_call_failing),
        cmocka_unit_test(unbind_with_every_call_failing),
        cmocka_unit_test(without_memory_the_former_binding_stays),
        cmocka_unit_test(threads_bind_the_same_buffers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

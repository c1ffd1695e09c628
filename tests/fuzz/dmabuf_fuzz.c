/* dma-buf descriptors in and out: any VADRMPRIMESurfaceDescriptor bound to a slot, and any that a driver
 * answers an export with; and surfaces bound to slots of any format. What is accepted lies within its
 * buffers, and can be read and written. */
#include "fuzz.h"

#include "../support/fake_va.h"
#include "../support/memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vfa/dmabuf.h>
#include <vfa/vfa.h>

#define SIDE  16
#define PITCH 64
#define FILES 5

/* Staging images, their buffers and host copies, that the backend keeps for each of the sets once a map took
 * that way.
 */
#define MOST_CACHED (6 * 4)

static const mfxU32 fourccs[] = {MFX_FOURCC_NV12, MFX_FOURCC_YUY2, MFX_FOURCC_RGB4};
#define FORMATS (sizeof fourccs / sizeof fourccs[0])

/* Made once: finding out about a format takes hundreds of calls of the driver. */
static struct {
    struct fake_va fake;
    struct vfa_va_api api;
    struct test_memory memory, va_memory;
    struct vfa_va *va;
    struct vfa_allocator *allocator;
    mfxFrameAllocResponse slots[FORMATS], own[FORMATS];
    VASurfaceID surface[FORMATS]; /* of `own` */
    int file[FILES];
    long held;                                 /* when nothing was bound yet */
    const VADRMPRIMESurfaceDescriptor *answer; /* of the next export; NULL: the driver's own */
} world;

/* --- a driver whose answers are the input's */

static VAStatus answer_export(VADisplay display, VASurfaceID surface, uint32_t type, uint32_t flags,
                              void *out)
{
    struct vfa_va_api real = fake_va_api();
    if (!world.answer)
        return real.export_surface_handle(display, surface, type, flags, out);
    memcpy(out, world.answer, sizeof *world.answer);
    return VA_STATUS_SUCCESS;
}

/* --- descriptors */

/* A picture that is right, of that format. */
static VADRMPRIMESurfaceDescriptor right_picture(const struct vfa_format *format)
{
    VADRMPRIMESurfaceDescriptor d;
    uint32_t offset = 0;
    memset(&d, 0, sizeof d);
    d.fourcc = format->va_fourcc;
    d.width = d.height = SIDE;
    d.num_objects = d.num_layers = 1;
    d.objects[0].fd = 0; /* the first of the files */
    d.objects[0].size = 4096;
    d.layers[0].drm_format = format->drm_fourcc;
    d.layers[0].num_planes = format->plane_count;
    for (uint32_t p = 0; p < format->plane_count; p++) {
        d.layers[0].offset[p] = offset;
        d.layers[0].pitch[p] = PITCH;
        offset += PITCH * SIDE;
    }
    return d;
}

/* The right one with some 32-bit words changed, or anything. */
static VADRMPRIMESurfaceDescriptor read_descriptor(struct fuzz_input *in, const struct vfa_format *format)
{
    VADRMPRIMESurfaceDescriptor d = right_picture(format);
    mfxU8 changes = fuzz_u8(in);
    if (changes >= 250) {
        fuzz_take(in, &d, sizeof d);
        return d;
    }
    for (unsigned int i = changes % 12; i > 0; i--) {
        size_t at = fuzz_u8(in) % (sizeof d / sizeof(uint32_t));
        mfxU8 kind = fuzz_u8(in);
        uint32_t value = kind & 1 ? fuzz_u8(in) : kind & 2 ? fuzz_u16(in) : fuzz_u32(in);
        memcpy((mfxU8 *)&d + at * sizeof value, &value, sizeof value);
    }
    return d;
}

/* File descriptors of the input are places in the list; others are ones that are not open. */
static void open_files(VADRMPRIMESurfaceDescriptor *d, bool copies)
{
    for (size_t i = 0; i < sizeof d->objects / sizeof d->objects[0]; i++) {
        unsigned int which = (unsigned int)d->objects[i].fd;
        int fd = which < FILES ? world.file[which] : -1;
        d->objects[i].fd = copies && fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : fd;
    }
}

/* --- what may be accepted */

/* Where a plane of an accepted picture lies, by the descriptor alone. */
struct part {
    dev_t device;
    ino_t inode;
    uint64_t begin, end;
};

static void check_plane(const VADRMPRIMESurfaceDescriptor *d, const struct vfa_format_plane *facts,
                        uint32_t layer, uint32_t plane, struct part *part)
{
    struct stat found;
    uint32_t object = d->layers[layer].object_index[plane];
    uint64_t rows = (d->height + (uint64_t)facts->row_div - 1) / facts->row_div;
    uint64_t row_bytes = (d->width + (uint64_t)facts->unit_px - 1) / facts->unit_px * facts->unit_bytes;
    FUZZ_CHECK(object < d->num_objects && !fstat(d->objects[object].fd, &found));
    *part = (struct part){found.st_dev, found.st_ino, d->layers[layer].offset[plane], 0};
    part->end = part->begin + d->layers[layer].pitch[plane] * rows;
    FUZZ_CHECK(d->layers[layer].pitch[plane] >= row_bytes);
    FUZZ_CHECK(part->end <= d->objects[object].size && part->end <= (uint64_t)found.st_size);
}

static void check_accepted(const VADRMPRIMESurfaceDescriptor *d, const struct vfa_format *format)
{
    struct part part[VFA_MAX_PLANES];
    uint32_t count = 0;
    FUZZ_CHECK(d->width >= SIDE && d->height >= SIDE);
    for (uint32_t l = 0; l < d->num_layers; l++)
        for (uint32_t p = 0; p < d->layers[l].num_planes; p++) {
            FUZZ_CHECK(count < format->plane_count);
            check_plane(d, &format->plane[count], l, p, &part[count]);
            for (uint32_t q = 0; q < count; q++)
                FUZZ_CHECK(part[q].device != part[count].device || part[q].inode != part[count].inode ||
                           part[q].end <= part[count].begin || part[count].end <= part[q].begin);
            count++;
        }
    FUZZ_SAME(count, format->plane_count);
}

static void write_frame(mfxMemId mid, const struct vfa_format *format)
{
    mfxFrameData data;
    mfxU8 *pointer[VFA_CHANNELS];
    FUZZ_SAME(vfa_map(world.allocator, mid, MFX_MAP_READ_WRITE, &data), MFX_ERR_NONE);
    memcpy(pointer, (mfxU8 *[]){data.Y, data.U, data.V, data.A}, sizeof pointer);
    for (int c = 0; c < VFA_CHANNELS; c++) {
        if (format->channel[c].plane < 0)
            continue;
        const struct vfa_format_plane *plane = &format->plane[format->channel[c].plane];
        mfxU8 *start = pointer[c] - format->channel[c].offset_bytes;
        for (uint32_t y = 0; y < SIDE / plane->row_div; y++)
            memset(start + y * vfa_frame_data_pitch(&data), 1,
                   (size_t)SIDE / plane->unit_px * plane->unit_bytes);
    }
    FUZZ_SAME(vfa_unmap(world.allocator, mid, &data), MFX_ERR_NONE);
}

/* --- the ways in and out */

/* A surface of the application's, of this format or another, or none. */
static void bind_surface(struct fuzz_input *in, size_t format_index, bool again)
{
    mfxMemId mid = world.slots[format_index].mids[again];
    unsigned int which = fuzz_below(in, FORMATS + 1);
    VASurfaceID surface = which < FORMATS ? world.surface[which] : VA_INVALID_SURFACE;
    mfxStatus status = vfa_va_bind_surface(world.va, world.allocator, mid, surface);
    FUZZ_SAME(status, which == format_index ? MFX_ERR_NONE
                      : which < FORMATS     ? MFX_ERR_INCOMPATIBLE_VIDEO_PARAM
                                            : MFX_ERR_INVALID_HANDLE);
    if (status == MFX_ERR_NONE)
        write_frame(mid, vfa_format_find(fourccs[format_index]));
    FUZZ_SAME(vfa_va_bind_surface(world.va, world.allocator, world.own[format_index].mids[0], surface),
              MFX_ERR_INVALID_HANDLE); /* which is no slot */
}

static void bind(struct fuzz_input *in, size_t format_index, bool again)
{
    const struct vfa_format *format = vfa_format_find(fourccs[format_index]);
    mfxMemId mid = world.slots[format_index].mids[again];
    uint64_t key = fuzz_below(in, 3);
    VADRMPRIMESurfaceDescriptor d = read_descriptor(in, format), given;
    open_files(&d, false);
    given = d;
    if (vfa_va_bind_dmabuf(world.va, world.allocator, mid, &d, key) == MFX_ERR_NONE) {
        check_accepted(&d, format);
        write_frame(mid, format);
    }
    FUZZ_CHECK(!memcmp(&d, &given, sizeof d));
    for (size_t i = 0; i < FILES; i++)
        FUZZ_CHECK(fcntl(world.file[i], F_GETFD) >= 0); /* they stay the caller's */
}

/* Every file descriptor of an answer ends, or is given to the caller. */
static void export(struct fuzz_input *in, size_t format_index)
{
    const struct vfa_format *format = vfa_format_find(fourccs[format_index]);
    VADRMPRIMESurfaceDescriptor answer = read_descriptor(in, format), out;
    unsigned int flags = fuzz_below(in, 10);
    uint32_t objects = answer.num_objects < 4 ? answer.num_objects : 4;
    if (answer.num_objects > 4 && answer.num_objects > 8)
        return; /* no more than four can be there, whatever the number says */
    for (size_t i = objects; i < 4; i++)
        answer.objects[i].fd = FILES; /* none */
    open_files(&answer, true);
    world.answer = &answer;
    mfxStatus status = vfa_va_export(world.va, world.allocator, world.own[format_index].mids[0], flags, &out);
    world.answer = NULL;
    bool asked = flags & (VFA_VA_EXPORT_READ | VFA_VA_EXPORT_WRITE) && flags < 8;
    if (status != MFX_ERR_NONE)
        FUZZ_SAME(out.num_objects, 0);
    for (size_t i = 0; i < 4 && asked; i++)
        if (answer.objects[i].fd >= 0)
            FUZZ_SAME(fcntl(answer.objects[i].fd, F_GETFD) >= 0, status == MFX_ERR_NONE);
    vfa_va_descriptor_close(&out);
    for (size_t i = 0; i < 4 && !asked; i++)
        if (answer.objects[i].fd >= 0)
            close(answer.objects[i].fd);
}

static long held(void)
{
    return fake_va_alive(&world.fake) + atomic_load(&world.va_memory.live_blocks) +
           atomic_load(&world.memory.live_blocks);
}

/* --- the world */

static void make_frames(size_t format_index)
{
    mfxFrameAllocRequest request;
    memset(&request, 0, sizeof request);
    request.Info.FourCC = fourccs[format_index];
    request.Info.Width = request.Info.Height = SIDE;
    request.Type = MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET;
    request.NumFrameMin = request.NumFrameSuggested = 2;
    FUZZ_SAME(vfa_va_slots_alloc(world.va, world.allocator, &request, 0, &world.slots[format_index]),
              MFX_ERR_NONE);
    request.NumFrameMin = request.NumFrameSuggested = 1;
    FUZZ_SAME(vfa_frames_alloc(world.allocator, &request, 0, &world.own[format_index]), MFX_ERR_NONE);
    mfxFrameAllocator *mfx = vfa_allocator_mfx(world.allocator);
    mfxHDLPair handle = {NULL, NULL};
    FUZZ_SAME(mfx->GetHDL(mfx->pthis, world.own[format_index].mids[0], (mfxHDL *)&handle), MFX_ERR_NONE);
    world.surface[format_index] = *(VASurfaceID *)handle.first;
}

static void make_files(void)
{
    static const off_t sizes[FILES] = {4096, 8192, 100, 0, 1 << 20};
    for (size_t i = 0; i < FILES; i++) {
        world.file[i] = memfd_create("picture", MFD_CLOEXEC);
        FUZZ_CHECK(world.file[i] >= 0 && !ftruncate(world.file[i], sizes[i]));
    }
}

static void make_world(void)
{
    struct vfa_va_config config = vfa_va_config_defaults();
    struct vfa_allocator_config frames = vfa_allocator_config_defaults();
    struct vfa_memory of_va = test_memory_manager(&world.va_memory),
                      memory = test_memory_manager(&world.memory);
    struct vfa_backend backend;
    fake_va_init(&world.fake);
    world.fake.max_width = 4 * SIDE;
    world.api = fake_va_api();
    world.api.map_buffer2 = NULL;
    world.api.export_surface_handle = answer_export;
    config.display = &world.fake;
    config.api = &world.api;
    config.memory = &of_va;
    FUZZ_SAME(vfa_va_create(&world.va, &config, NULL), MFX_ERR_NONE);
    FUZZ_SAME(vfa_va_backend(world.va, &backend), MFX_ERR_NONE);
    frames.memory = &memory;
    frames.backend = &backend;
    frames.backend_count = 1;
    FUZZ_SAME(vfa_allocator_create(&world.allocator, &frames), MFX_ERR_NONE);
    for (size_t i = 0; i < FORMATS; i++)
        make_frames(i);
    make_files();
}

static void end_world(void)
{
    for (size_t i = 0; i < FORMATS; i++) {
        FUZZ_SAME(vfa_frames_free(world.allocator, &world.slots[i]), MFX_ERR_NONE);
        FUZZ_SAME(vfa_frames_free(world.allocator, &world.own[i]), MFX_ERR_NONE);
    }
    vfa_allocator_destroy(&world.allocator);
    vfa_va_destroy(&world.va);
    FUZZ_SAME(held(), 0);
    fake_va_finish(&world.fake);
}

/* Each slot once with a picture that is right, so that what the backend keeps is there. */
static void warm_up(void)
{
    for (size_t i = 0; i < FORMATS; i++)
        for (size_t f = 0; f < 2; f++) {
            const struct vfa_format *format = vfa_format_find(fourccs[i]);
            VADRMPRIMESurfaceDescriptor d = right_picture(format);
            open_files(&d, false);
            FUZZ_SAME(vfa_va_bind_dmabuf(world.va, world.allocator, world.slots[i].mids[f], &d, 0),
                      MFX_ERR_NONE);
            write_frame(world.slots[i].mids[f], format);
        }
}

static void unbind_all(void)
{
    for (size_t i = 0; i < FORMATS; i++)
        for (size_t f = 0; f < 2; f++)
            FUZZ_SAME(vfa_va_unbind(world.va, world.allocator, world.slots[i].mids[f]), MFX_ERR_NONE);
    FUZZ_SAME(vfa_va_import_forget(world.va, 0), MFX_ERR_NONE);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    make_world();
    warm_up();
    unbind_all();
    world.held = held();
    return atexit(end_world);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    for (int i = 0; i < 8 && in.left; i++) {
        mfxU8 what = fuzz_u8(&in);
        if (what & 0x80)
            export(&in, what % FORMATS);
        else if (what & 0x20)
            bind_surface(&in, what % FORMATS, what & 0x40);
        else
            bind(&in, what % FORMATS, what & 0x40);
    }
    unbind_all();
    FUZZ_CHECK(held() <= world.held + MOST_CACHED);
    FUZZ_SAME(world.fake.misuses, 0);
    return 0;
}

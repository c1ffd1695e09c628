/* Does a derived image write the surface back when it is unmapped, even if it was only read? Where the driver
 * shows a tiled surface as a linear shadow, unmapping tiles the whole shadow back (iHD), and a reader undoes
 * what the GPU wrote meanwhile. The surface's memory itself, seen through its dma-buf, tells. */
#include "va/driver.h"
#include "va/export.h"

#include <linux/dma-buf.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

/* The memory of a surface, behind the driver's back. */
struct memory {
    int fd;
    uint8_t *bytes;
    size_t count;
    bool writable;
};

static bool map_memory(struct memory *memory, const VADRMPRIMESurfaceDescriptor *descriptor)
{
    if (descriptor->num_objects != 1 || !descriptor->objects[0].size)
        return false;
    memory->fd = descriptor->objects[0].fd;
    memory->count = descriptor->objects[0].size;
    memory->writable = true;
    void *bytes = mmap(NULL, memory->count, PROT_READ | PROT_WRITE, MAP_SHARED, memory->fd, 0);
    if (bytes == MAP_FAILED) {
        memory->writable = false;
        bytes = mmap(NULL, memory->count, PROT_READ, MAP_SHARED, memory->fd, 0);
    }
    memory->bytes = bytes;
    return bytes != MAP_FAILED;
}

/* Makes the processor's view of the memory current. What is no dma-buf has nothing to be made current. */
static void synchronise(const struct memory *memory, uint64_t flags)
{
    struct dma_buf_sync sync = {.flags = flags};
    (void)ioctl(memory->fd, DMA_BUF_IOCTL_SYNC, &sync);
}

static uint64_t checksum(const struct memory *memory)
{
    uint64_t sum = 14695981039346656037u;
    synchronise(memory, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
    for (size_t i = 0; i < memory->count; i++)
        sum = (sum ^ memory->bytes[i]) * 1099511628211u;
    synchronise(memory, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ);
    return sum;
}

/* Is the mapping the memory itself? Then what is written through it is there before the unmap. */
static bool map_is_direct(const struct vfa_backend_host *host, struct vfa__va_frame *frame,
                          const struct memory *memory)
{
    mfxFrameData view;
    memset(&view, 0, sizeof view);
    uint64_t before = checksum(memory);
    if (vfa__va_map_open(host, frame, VFA_VA_WAY_DERIVE, MFX_MAP_READ_WRITE, &view) != MFX_ERR_NONE)
        return false;
    mfxU8 *first = frame->map.access.bytes;
    first += frame->map.access.image.offsets[0];
    *first ^= 0xff;
    bool direct = checksum(memory) != before;
    return vfa__va_map_close(host, frame) == MFX_ERR_NONE && direct;
}

/* Written into the memory while the surface is mapped to be read: is it still there after? */
static bool write_survives(const struct vfa_backend_host *host, struct vfa__va_frame *frame,
                           const struct memory *memory)
{
    mfxFrameData view;
    memset(&view, 0, sizeof view);
    if (vfa__va_map_open(host, frame, VFA_VA_WAY_DERIVE, MFX_MAP_READ, &view) != MFX_ERR_NONE)
        return false;
    synchronise(memory, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW);
    for (size_t i = 0; i < memory->count; i++)
        memory->bytes[i] ^= 0xff;
    synchronise(memory, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW);
    uint64_t written = checksum(memory);
    return vfa__va_map_close(host, frame) == MFX_ERR_NONE && checksum(memory) == written;
}

bool vfa__va_read_is_harmless(const struct vfa_backend_host *host, struct vfa__va_frame *frame,
                              struct vfa_va_facts *facts)
{
    struct vfa_va *va = frame->set->va;
    VADRMPRIMESurfaceDescriptor descriptor;
    facts->export_refused = vfa__va_export_any(va, frame->id, VA_EXPORT_SURFACE_READ_WRITE, &descriptor);
    if (facts->export_refused != VA_STATUS_SUCCESS)
        return false;
    facts->modifier = descriptor.objects[0].drm_format_modifier;
    struct memory memory;
    bool harmless = false;
    if (map_memory(&memory, &descriptor)) {
        harmless = memory.writable ? write_survives(host, frame, &memory)
                                   : !va->api.map_buffer2 && map_is_direct(host, frame, &memory);
        (void)munmap(memory.bytes, memory.count);
    }
    vfa__drv_close_fds(va, &descriptor);
    return harmless;
}

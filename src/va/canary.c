/* Does a derived image write the surface back when it is unmapped, even if it was only read? Where the driver
 * shows a tiled surface as a linear shadow, unmapping tiles the whole shadow back (iHD), and a reader undoes
 * what the GPU wrote meanwhile. The surface's memory itself, seen through its dma-buf, tells. */
#include "va/driver.h"
#include "va/export.h"

#include <errno.h>
#include <linux/dma-buf.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

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
    off_t end = lseek(memory->fd, 0, SEEK_END);
    if (end < 0 || (uint64_t)end < memory->count)
        return false; /* a byte beyond the end is a signal */
    memory->writable = true;
    void *bytes = mmap(NULL, memory->count, PROT_READ | PROT_WRITE, MAP_SHARED, memory->fd, 0);
    if (bytes == MAP_FAILED) {
        memory->writable = false;
        bytes = mmap(NULL, memory->count, PROT_READ, MAP_SHARED, memory->fd, 0);
    }
    memory->bytes = bytes;
    return bytes != MAP_FAILED;
}

/* Makes the processor's view of the memory current, and waits for who still writes it. A signal may end that
 * before it is done; the kernel wants to be asked again then. What is no dma-buf has nothing to be made
 * current. */
static void synchronise(const struct memory *memory, uint64_t flags)
{
    int result;
    do {
        struct dma_buf_sync sync = {.flags = flags};
        result = ioctl(memory->fd, DMA_BUF_IOCTL_SYNC, &sync);
    } while (result != 0 && (errno == EINTR || errno == EAGAIN));
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
static mfxStatus map_is_direct(const struct vfa_backend_host *host, struct vfa__va_frame *frame,
                               const struct memory *memory, bool *direct)
{
    mfxFrameData view;
    memset(&view, 0, sizeof view);
    uint64_t before = checksum(memory);
    mfxStatus status = vfa__va_map_open(host, frame, VFA_VA_WAY_DERIVE, MFX_MAP_READ_WRITE, &view);
    if (status != MFX_ERR_NONE)
        return status;
    mfxU8 *first = frame->map.access.bytes;
    first += frame->map.access.image.offsets[0];
    *first ^= 0xff;
    *direct = checksum(memory) != before;
    return vfa__va_map_close(host, frame);
}

/* Written into the memory while the surface is mapped to be read: is it still there after? */
static mfxStatus write_survives(const struct vfa_backend_host *host, struct vfa__va_frame *frame,
                                const struct memory *memory, bool *survives)
{
    mfxFrameData view;
    memset(&view, 0, sizeof view);
    mfxStatus status = vfa__va_map_open(host, frame, VFA_VA_WAY_DERIVE, MFX_MAP_READ, &view);
    if (status != MFX_ERR_NONE)
        return status;
    synchronise(memory, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW);
    for (size_t i = 0; i < memory->count; i++)
        memory->bytes[i] ^= 0xff;
    synchronise(memory, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW);
    uint64_t written = checksum(memory);
    status = vfa__va_map_close(host, frame);
    *survives = checksum(memory) == written;
    return status;
}

static mfxStatus look(const struct vfa_backend_host *host, struct vfa__va_frame *frame,
                      const VADRMPRIMESurfaceDescriptor *descriptor, bool *harmless)
{
    struct memory memory;
    mfxStatus status = MFX_ERR_NONE;
    if (!map_memory(&memory, descriptor))
        return MFX_ERR_NONE;
    if (memory.writable)
        status = write_survives(host, frame, &memory, harmless);
    else if (!frame->set->va->api.map_buffer2)
        status = map_is_direct(host, frame, &memory, harmless);
    (void)munmap(memory.bytes, memory.count);
    return status;
}

mfxStatus vfa__va_read_is_harmless(const struct vfa_backend_host *host, struct vfa__va_frame *frame,
                                   struct vfa_va_facts *facts, bool *harmless)
{
    struct vfa_va *va = frame->set->va;
    VADRMPRIMESurfaceDescriptor descriptor;
    *harmless = false;
    facts->export_refused = vfa__va_export_any(va, frame->id, VA_EXPORT_SURFACE_READ_WRITE, &descriptor);
    if (facts->export_refused != VA_STATUS_SUCCESS)
        return vfa_va_status(facts->export_refused);
    facts->modifier = descriptor.objects[0].drm_format_modifier;
    mfxStatus status = look(host, frame, &descriptor, harmless);
    vfa__drv_close_fds(va, &descriptor);
    if (status != MFX_ERR_NONE)
        *harmless = false;
    return status;
}

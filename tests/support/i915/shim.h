/* A preload shim of Linux's i915 kernel driver: one Intel render node, /dev/dri/renderD128, for the programs
 * of a machine that has none, so that Intel's unmodified VA driver and VPL runtimes run there. Buffers are
 * real memory that moves between programs as on a real node. A submission is complete when its ioctl returns;
 * what it would compute is not computed: only the completion tags, counters and status words of its commands
 * are written.
 *
 *   LD_PRELOAD=libvfa-i915-shim.so LIBVA_DRIVER_NAME=iHD PROGRAM
 *
 * Environment, read when the program starts; a mistake in it ends the program with a message and status 125:
 *
 * - VFA_I915_DEVICE_ID: the PCI device id. 0x9a49 (default) is Tiger Lake, 12th generation; 0x8a52, Ice Lake,
 * makes the VPL dispatcher choose the older Media SDK runtime.
 * - VFA_I915_ROOT: folder for the fake files of /dev and /sys, made if missing, kept, and shared by any
 * number of programs. Default: a folder of the process's own in $TMPDIR or /tmp, made when a file is first
 * asked for and removed when the process exits (not when it is killed).
 * - VFA_I915_LOG: to standard error, 1: submissions, and what fails or is unknown; 2: every ioctl; 3: every
 * command.
 * - VFA_I915_FAIL: ioctls that fail. KIND:N:ERROR[,...] is the N-th of that kind, counted from 1;
 * KIND:N+:ERROR it and all later ones. Kinds are the kernel header's names in lower case (gem_create,
 * prime_handle_to_fd, ...: the table in ioctl.c); errors are names or numbers (ENOMEM). "any:N+:EIO" is a
 * lost display: "any" is each kind but gem_wait and gem_close, which the kernel answers without a GPU too.
 * - VFA_I915_BUSY: so many of the questions whether a buffer is idle (GEM_BUSY, and GEM_WAIT with a limit)
 * hear that it is not.
 *
 * A program may change the last two while it runs: control.h.
 *
 * Limits: x86-64, glibc 2.33 or later. Local memory, sync objects, protected content and the copy engine are
 * not there. An exported buffer forgets its tiling mode once nobody has a handle to it. A descriptor of the
 * node does not survive exec.
 *
 * This header is what the shim's own files share. One lock guards all of its state; functions that want it
 * held say so. */
#ifndef VFA_I915_SHIM_H
#define VFA_I915_SHIM_H

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

#define SHIM_EXPORT __attribute__((visibility("default")))
#define SHIM_NODE   "/dev/dri/renderD128"
#define SHIM_MAJOR  226
#define SHIM_MINOR  128

/* start.c */

/* The functions that the interposed ones hide. */
struct shim_next {
    int (*open)(const char *, int, ...);
    int (*openat)(int, const char *, int, ...);
    int (*close)(int);
    int (*dup)(int);
    int (*dup2)(int, int);
    int (*dup3)(int, int, int);
    int (*fcntl)(int, int, ...);
    int (*ioctl)(int, unsigned long, ...);
    void *(*mmap)(void *, size_t, int, int, int, off_t);
    int (*fstatat)(int, const char *, struct stat *, int);
    int (*access)(const char *, int);
    ssize_t (*readlink)(const char *, char *, size_t);
    char *(*realpath)(const char *, char *);
    FILE *(*fopen)(const char *, const char *);
    DIR *(*opendir)(const char *);
    int (*scandir)(const char *, struct dirent ***, int (*)(const struct dirent *),
                   int (*)(const struct dirent **, const struct dirent **));
};

struct shim_config {
    unsigned device_id;
    int log_level;
    const char *root; /* NULL: a private one */
};

/* Both start the shim where its constructor has not run yet: other libraries' constructors open files too. */
const struct shim_next *shim_next(void);
const struct shim_config *shim_config(void);

extern pthread_mutex_t shim_lock;

/* log.c */

void shim_log(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* For mistakes in the environment. */
void shim_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* tree.c */

#define SHIM_PATH_BYTES 4096

/* Where a path really leads: into the tree of fake files (then written to `buffer`), or `path` itself. */
const char *shim_redirect(const char *path, char buffer[SHIM_PATH_BYTES]);
/* Takes the tree's own folder off the front of a path, in place. */
void shim_unredirect(char *path);
/* In a forked child: the folder is the parent's. */
void shim_tree_forget(void);
void shim_tree_remove(void);

/* buffer.c */

/* A buffer object, which handles of open files refer to. */
struct shim_buffer {
    struct shim_buffer *next, **link;
    unsigned references;
    int memory;    /* a memfd; -1: the application's memory, at `view` */
    uint8_t *view; /* mapped when it is first needed */
    uint64_t size;
    dev_t device;
    ino_t inode;      /* of `memory`: what makes an imported descriptor the same buffer */
    uint64_t address; /* on the GPU, where the driver leaves the choice to the kernel; 0: not chosen yet */
    uint32_t tiling, stride;
};

/* One open() of the node, to which descriptors refer. */
struct shim_file {
    unsigned references;
    struct shim_buffer **buffers; /* by handle; NULL: a free one, as 0 is for ever */
    uint32_t capacity;
    uint32_t free_hint; /* no handle below it is free */
};

/* To mmap() a buffer is to map the node at the buffer's handle, shifted by this. */
#define SHIM_OFFSET_SHIFT 36

/* All with the lock held. 0 or a negated errno. */
int shim_buffer_create(struct shim_file *file, uint64_t size, uint32_t *handle);
int shim_buffer_of_user(struct shim_file *file, void *memory, uint64_t size, uint32_t *handle);
int shim_buffer_import(struct shim_file *file, int fd, uint32_t *handle);
struct shim_buffer *shim_buffer_get(const struct shim_file *file, uint32_t handle);
int shim_buffer_close(struct shim_file *file, uint32_t handle);
void shim_buffer_close_all(struct shim_file *file);
/* A new descriptor, with an offset and an access mode of its own, for the memory of an exported buffer; -1
 * and errno. */
int shim_reopen(int fd, int flags);
/* Maps the buffer for the shim itself; NULL when there is no room. */
uint8_t *shim_buffer_view(struct shim_buffer *buffer);

/* file.c */

/* With the lock held: what a descriptor of the node refers to; NULL for every other descriptor. */
struct shim_file *shim_file_get(int fd);
/* The same as a guess without the lock, which costs other descriptors nothing. */
bool shim_file_is(int fd);
/* Makes a descriptor that open() returned one of the node: it, or -1 and errno. */
int shim_file_open(int fd);

/* ioctl.c: the number of an ioctl by its kind's name, or -1 */
int shim_ioctl_number(const char *name);

/* The handlers of ioctls: with the lock held, on the shim's copy of the argument. 0 or a negated errno. */
typedef int shim_ioctl_handler(struct shim_file *file, void *argument);

/* What programs hand over as a number. */
static inline void *shim_pointer(uint64_t address)
{
    return (void *)(uintptr_t)address;
}

/* gem.c: buffers */
shim_ioctl_handler shim_gem_create, shim_gem_create_ext, shim_gem_userptr, shim_gem_close, shim_gem_mmap,
    shim_gem_mmap_offset, shim_gem_pwrite, shim_gem_pread, shim_gem_set_tiling, shim_gem_get_tiling,
    shim_gem_busy, shim_gem_wait, shim_gem_madvise, shim_gem_set_domain, shim_gem_set_caching,
    shim_gem_get_caching, shim_prime_handle_to_fd, shim_prime_fd_to_handle;
/* device.c: what the GPU is, contexts and address spaces */
shim_ioctl_handler shim_version, shim_get_cap, shim_getparam, shim_query, shim_get_aperture, shim_reg_read,
    shim_get_reset_stats, shim_context_create, shim_context_getparam, shim_vm_create, shim_accept,
    shim_refuse;
/* submit.c */
shim_ioctl_handler shim_execbuffer2;

/* fault.c: with the lock held */

/* Takes the rules of VFA_I915_FAIL in the place of those it had: 0, or -1 and it keeps those. */
int shim_fault_rules(const char *text);
void shim_fault_busy(unsigned times);
/* Counts an ioctl: 0, or the negated errno it is to fail with. */
int shim_fault_next(int number);
bool shim_fault_is_busy(void);

/* commands.c */

/* Memory that a submission can reach: GPU addresses from `address` on. */
struct shim_span {
    uint64_t address, size;
    uint8_t *bytes;
};

/* Performs what the commands from an address on write to memory to tell how far they are. */
void shim_run_commands(const struct shim_span *spans, uint32_t count, uint64_t address);

#endif

/* The tree of fake files: what programs see of the device in /dev and /sys, as small real files in a folder.
 */
#include "shim.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PCI_DEVICE "/sys/devices/pci0000:00/0000:00:02.0"
#define NODE_SYSFS PCI_DEVICE "/drm/renderD128"

static const char *const redirected[] = {"/dev/dri", "/sys/dev/char/226:128", "/sys/class/drm", PCI_DEVICE};

static char root[SHIM_PATH_BYTES - 512]; /* "": not made yet */
static pid_t owner;                      /* whose private folder it is; 0: nobody's, it stays */

/* Makes the folders above a path of the tree and writes the whole path. */
static int path_in_tree(const char *path, char full[SHIM_PATH_BYTES])
{
    int length = snprintf(full, SHIM_PATH_BYTES, "%s%s", root, path);
    if (length < 0 || length >= SHIM_PATH_BYTES)
        return -1;
    for (char *slash = full + strlen(root); (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = '\0';
        if (mkdir(full, 0755) != 0 && errno != EEXIST)
            return -1;
    }
    return 0;
}

/* Whole or not at all: programs that share the tree may read it while another one writes it. */
static int put_file(const char *path, const char *text)
{
    char full[SHIM_PATH_BYTES], fresh[SHIM_PATH_BYTES];
    if (path_in_tree(path, full) != 0)
        return -1;
    snprintf(fresh, sizeof fresh, "%s/new-%d", root, (int)getpid());
    int fd = shim_next()->open(fresh, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0)
        return -1;
    ssize_t length = (ssize_t)strlen(text), written = write(fd, text, (size_t)length);
    shim_next()->close(fd);
    return written == length ? rename(fresh, full) : -1;
}

static int put_link(const char *path, const char *target)
{
    char full[SHIM_PATH_BYTES];
    if (path_in_tree(path, full) != 0)
        return -1;
    return symlink(target, full) == 0 || errno == EEXIST ? 0 : -1;
}

static int put_device(void)
{
    char device[16], uevent[160];
    unsigned id = shim_config()->device_id;
    snprintf(device, sizeof device, "0x%04x\n", id);
    snprintf(uevent, sizeof uevent,
             "DRIVER=i915\nPCI_CLASS=30000\nPCI_ID=8086:%04X\nPCI_SUBSYS_ID=8086:0000\nPCI_SLOT_NAME=0000:00:"
             "02.0\n",
             id);
    const char *const files[][2] = {
        {PCI_DEVICE "/vendor", "0x8086\n"},
        {PCI_DEVICE "/device", device},
        {PCI_DEVICE "/subsystem_vendor", "0x8086\n"},
        {PCI_DEVICE "/subsystem_device", "0x0000\n"},
        {PCI_DEVICE "/revision", "0x01\n"},
        {PCI_DEVICE "/class", "0x030000\n"},
        {PCI_DEVICE "/uevent", uevent},
        {NODE_SYSFS "/dev", "226:128\n"},
        {NODE_SYSFS "/uevent", "MAJOR=226\nMINOR=128\nDEVNAME=dri/renderD128\nDEVTYPE=drm_minor\n"},
    };
    int bad = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        bad |= put_file(files[i][0], files[i][1]);
    bad |= put_link(NODE_SYSFS "/device", "../..");
    bad |= put_link(PCI_DEVICE "/subsystem", "../../../bus/pci");
    bad |= put_link("/sys/bus/pci/devices/0000:00:02.0", "../../../devices/pci0000:00/0000:00:02.0");
    bad |= put_link("/sys/dev/char/226:128", "../../devices/pci0000:00/0000:00:02.0/drm/renderD128");
    bad |= put_link("/sys/class/drm/renderD128", "../../devices/pci0000:00/0000:00:02.0/drm/renderD128");
    return bad;
}

static int make_root(void)
{
    const char *wanted = shim_config()->root, *temporary = getenv("TMPDIR");
    int length;
    if (wanted) {
        mkdir(wanted, 0755);
        length = snprintf(root, sizeof root, "%s/8086-%04x", wanted, shim_config()->device_id);
        if (length < 0 || length >= (int)sizeof root || (mkdir(root, 0755) != 0 && errno != EEXIST))
            return -1;
    } else {
        length =
            snprintf(root, sizeof root, "%s/vfa-i915-XXXXXX", temporary && *temporary ? temporary : "/tmp");
        if (length < 0 || length >= (int)sizeof root || !mkdtemp(root))
            return -1;
        owner = getpid();
    }
    return 0;
}

/* With the lock held. The node comes last: where it is, the tree is complete. */
static int make_tree(void)
{
    char node[SHIM_PATH_BYTES];
    if (make_root() != 0)
        return -1;
    snprintf(node, sizeof node, "%s%s", root, SHIM_NODE);
    if (shim_next()->access(node, F_OK) == 0)
        return 0;
    return put_device() == 0 ? put_file(SHIM_NODE, "") : -1;
}

const char *shim_redirect(const char *path, char buffer[SHIM_PATH_BYTES])
{
    bool hit = false;
    for (size_t i = 0; path && i < sizeof redirected / sizeof *redirected; i++) {
        size_t length = strlen(redirected[i]);
        hit |= strncmp(path, redirected[i], length) == 0 && (path[length] == '\0' || path[length] == '/');
    }
    if (!hit)
        return path;
    int saved = errno;
    pthread_mutex_lock(&shim_lock);
    if (!root[0] && make_tree() != 0)
        shim_die("vfa-i915: no fake files in %s: %s", root, strerror(errno));
    int length = snprintf(buffer, SHIM_PATH_BYTES, "%s%s", root, path);
    pthread_mutex_unlock(&shim_lock);
    errno = saved;
    return length < SHIM_PATH_BYTES ? buffer : path;
}

void shim_unredirect(char *path)
{
    pthread_mutex_lock(&shim_lock);
    size_t length = strlen(root);
    if (length && strncmp(path, root, length) == 0)
        memmove(path, path + length, strlen(path + length) + 1);
    pthread_mutex_unlock(&shim_lock);
}

void shim_tree_forget(void)
{
    root[0] = '\0';
    owner = 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status, (void)type, (void)where;
    remove(path);
    return 0;
}

void shim_tree_remove(void)
{
    pthread_mutex_lock(&shim_lock);
    if (root[0] && owner == getpid())
        nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    pthread_mutex_unlock(&shim_lock);
}

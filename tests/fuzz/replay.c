/* A harness without libFuzzer: runs it over the files and folders that are named, each file once. */
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

static unsigned long inputs;

/* A copy of exactly the file's size, so that a checker sees every read beyond it. */
static int replay_file(const char *path, const struct stat *found)
{
    size_t size = (size_t)found->st_size;
    uint8_t *data = malloc(size ? size : 1);
    FILE *file = fopen(path, "rb");
    int failed = !data || !file || fread(data, 1, size, file) != size;
    if (file)
        fclose(file);
    if (failed) {
        fprintf(stderr, "%s cannot be read\n", path);
    } else {
        fprintf(stderr, "%s\n", path); /* so that a crash says whose it is */
        (void)LLVMFuzzerTestOneInput(data, size);
        inputs++;
    }
    free(data);
    return failed;
}

static int replay(const char *path);

static int replay_folder(const char *path)
{
    struct dirent **entries;
    int failed = 0, count = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char inside[4096];
        if (entries[i]->d_name[0] != '.') {
            (void)snprintf(inside, sizeof inside, "%s/%s", path, entries[i]->d_name);
            failed |= replay(inside);
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return failed || count < 0;
}

static int replay(const char *path)
{
    struct stat found;
    if (stat(path, &found) != 0) {
        fprintf(stderr, "%s is not there\n", path);
        return 1;
    }
    return S_ISDIR(found.st_mode) ? replay_folder(path) : replay_file(path, &found);
}

int main(int argc, char **argv)
{
    int failed = 0;
    (void)LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++)
        failed |= replay(argv[i]);
    printf("%lu inputs\n", inputs);
    return failed || !inputs;
}

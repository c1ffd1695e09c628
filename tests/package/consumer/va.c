/* A user's program with frames in VA-API surfaces: without a device it hears what is wrong, and goes on. */
#include <stdio.h>
#include <string.h>
#include <vfa/va.h>
#include <vfa/vfa.h>

int main(void)
{
    struct vfa_va *va = NULL;
    struct vfa_va_config config = vfa_va_config_defaults();
    struct vfa_error error;
    memset(&error, 0, sizeof error);
    config.device = "/dev/null/no such node";
    mfxStatus status = vfa_va_create(&va, &config, &error);
    int failed = status != MFX_ERR_NOT_FOUND || va || !strstr(error.text, config.device);
    failed |= strcmp(vaErrorStr(VA_STATUS_SUCCESS), "") == 0; /* libva comes along */

    struct vfa_allocator *allocator = NULL;
    failed |= vfa_allocator_create(&allocator, NULL) != MFX_ERR_NONE;
    vfa_allocator_destroy(&allocator);
    printf("vfa-va: %s\n", failed ? "failed" : "works");
    return failed;
}

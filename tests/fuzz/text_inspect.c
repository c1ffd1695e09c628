/* vfa-inspect's command line: whatever is typed is understood, or is a mistake. */
#include "text_inspect.h"

#include "../../samples/inspect/options.h"
#include "fuzz.h"

void inspect_check(int argc, char **argv)
{
    struct options options;
    enum exit_code code = options_read(&options, argc, argv);
    FUZZ_CHECK(code == EXIT_DONE || code == EXIT_USAGE);
    if (code != EXIT_DONE)
        return;
    FUZZ_CHECK(options.width && options.height && options.usage);
    FUZZ_CHECK(options.type &
               (MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET | MFX_MEMTYPE_VIDEO_MEMORY_ENCODER_TARGET |
                MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET));
}

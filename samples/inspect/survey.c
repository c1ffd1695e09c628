/* Asking a display about every format: by vfa_va_probe, and by exporting and importing a frame. */
#include "survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool way_works(const struct vfa_va_way_facts *way)
{
    return way->refused == VA_STATUS_SUCCESS && !way->unfit;
}

static enum exit_code open_display(struct survey *survey)
{
    struct vfa_va_config config = vfa_va_config_defaults();
    struct vfa_error error;
    config.device = survey->options->device;
    mfxStatus status = vfa_va_create(&survey->va, &config, &error);
    if (status == MFX_ERR_NONE)
        return EXIT_DONE;
    fprintf(stderr, "vfa-inspect: %s\n", error.text);
    if (status == MFX_ERR_NOT_FOUND)
        return EXIT_NO_NODE;
    return status == MFX_ERR_DEVICE_FAILED ? EXIT_NO_DRIVER : EXIT_FAILED;
}

static enum exit_code make_allocator(struct survey *survey)
{
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    struct vfa_backend backend;
    mfxStatus status = vfa_va_backend(survey->va, &backend);
    config.backend = &backend;
    config.backend_count = 1;
    if (status == MFX_ERR_NONE)
        status = vfa_allocator_create(&survey->frames, &config);
    if (status == MFX_ERR_NONE)
        return EXIT_DONE;
    fprintf(stderr, "vfa-inspect: vfa_allocator_create: %s\n", vfa_status_name(status));
    return EXIT_FAILED;
}

/* The cause in "vfa_va_probe: MFX_ERR_UNSUPPORTED: cause"; the status where no cause was given. */
static void keep_why(struct finding *finding, const char *text)
{
    for (int i = 0; i < 2; i++) {
        const char *colon = strstr(text, ": ");
        text = colon ? colon + 2 : text;
    }
    (void)snprintf(finding->why, sizeof finding->why, "%s", text);
}

static void ask(struct survey *survey, const struct vfa_format *format)
{
    struct finding *finding = &survey->findings[survey->count++];
    struct vfa_error error;
    mfxFrameAllocRequest request;
    memset(&request, 0, sizeof request);
    request.Type = survey->options->type;
    request.NumFrameMin = request.NumFrameSuggested = 1;
    request.Info.FourCC = format->fourcc;
    request.Info.ChromaFormat = format->chroma_format;
    request.Info.Width = survey->options->width;
    request.Info.Height = survey->options->height;
    finding->format = format;
    if (format->linear) {
        finding->status = MFX_ERR_UNSUPPORTED;
        keep_why(finding, "a buffer, no surface");
        return;
    }
    finding->status = vfa_va_probe(survey->va, &request.Info, request.Type, &finding->facts, &error);
    if (finding->status != MFX_ERR_NONE)
        keep_why(finding, error.text);
    else if (finding->facts.export_refused == VA_STATUS_SUCCESS)
        round_trip(survey->va, survey->frames, &request, &finding->round_trip);
}

enum exit_code survey_run(struct survey *survey, const struct options *options)
{
    *survey = (struct survey){.options = options};
    survey->findings = calloc(vfa_format_count(), sizeof *survey->findings);
    if (!survey->findings) {
        fprintf(stderr, "vfa-inspect: out of memory\n");
        return EXIT_FAILED;
    }
    enum exit_code code = open_display(survey);
    if (code == EXIT_DONE)
        code = make_allocator(survey);
    for (size_t i = 0; code == EXIT_DONE && i < vfa_format_count(); i++)
        if (!options->format || options->format == vfa_format_at(i))
            ask(survey, vfa_format_at(i)); /* drivers call it out of memory when they mean unsupported */
    return code;
}

void survey_end(struct survey *survey)
{
    vfa_allocator_destroy(&survey->frames);
    vfa_va_destroy(&survey->va);
    free(survey->findings);
    survey->findings = NULL;
}

/* What the dispatcher is told before it makes a session: the capabilities as an mfxImplDescription, made from
 * the components' tables, and the names of the functions. */
#include "core/caps.h"
#include "core/guise.h"
#include "core/session.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CODECS   16
#define MAX_PROFILES 8
#define MAX_FILTERS  16
#define MAX_FORMATS  8

/* Video memory is reached through the application's allocator, so all that works in one works in the other.
 */
static const mfxResourceType memory_types[] = {MFX_RESOURCE_SYSTEM_SURFACE, MFX_RESOURCE_VA_SURFACE};

#define NUM_MEMORY_TYPES (sizeof(memory_types) / sizeof(memory_types[0]))

/* The description with all it points to in one piece. */
struct report {
    mfxHDL handles[1]; /* what the dispatcher gets */
    mfxImplDescription desc;
    mfxAccelerationMode mode;
    mfxPoolAllocationPolicy policies[3];
    struct decoder decoders[MAX_CODECS];
    struct decprofile decprofiles[MAX_CODECS][MAX_PROFILES];
    struct decmemdesc decmem[MAX_CODECS][MAX_PROFILES][NUM_MEMORY_TYPES];
    mfxU32 decformats[MAX_CODECS][MAX_PROFILES][MAX_FORMATS];
    struct encoder encoders[MAX_CODECS];
    struct encprofile encprofiles[MAX_CODECS][MAX_PROFILES];
    struct encmemdesc encmem[MAX_CODECS][MAX_PROFILES][NUM_MEMORY_TYPES];
    mfxU32 encformats[MAX_CODECS][MAX_PROFILES][MAX_FORMATS];
    struct filter filters[MAX_FILTERS];
    struct memdesc vppmem[MAX_FILTERS][NUM_MEMORY_TYPES];
    struct format vppformats[MAX_FILTERS][MAX_FORMATS];
    mfxU32 outformats[MAX_FILTERS][MAX_FORMATS];
};

static mfxU16 copy_formats(mfxU32 *to, const mfxU32 *from, mfxU16 count)
{
    mfxU16 n = 0;

    for (mfxU16 i = 0; i < count && n < MAX_FORMATS; i++)
        if (srt_guise_has_format(from[i]))
            to[n++] = from[i];
    return n;
}

/* The sizes that this guise takes of those that the components do. */
static mfxRange32U sides(mfxRange32U range)
{
    if (!srt_is_hardware())
        return range;
    range.Min = (range.Min + SRT_GUISE_SIDE_PX - 1) / SRT_GUISE_SIDE_PX * SRT_GUISE_SIDE_PX;
    range.Step = SRT_GUISE_SIDE_PX;
    return range;
}

static mfxU16 bounded_profiles(const struct srt_codec_caps *caps)
{
    return caps->num_profiles < MAX_PROFILES ? caps->num_profiles : MAX_PROFILES;
}

static void describe_decoder(struct report *r, mfxU16 index, const struct srt_codec_caps *caps)
{
    struct decoder *decoder = &r->decoders[index];

    decoder->CodecID = caps->codec;
    decoder->MaxcodecLevel = caps->max_level;
    decoder->NumProfiles = bounded_profiles(caps);
    decoder->Profiles = r->decprofiles[index];
    for (mfxU16 p = 0; p < decoder->NumProfiles; p++) {
        const struct srt_profile_caps *profile = &caps->profiles[p];
        mfxU32 *formats = r->decformats[index][p];
        mfxU16 count = copy_formats(formats, profile->formats, profile->num_formats);

        decoder->Profiles[p].Profile = profile->profile;
        decoder->Profiles[p].NumMemTypes = NUM_MEMORY_TYPES;
        decoder->Profiles[p].MemDesc = r->decmem[index][p];
        for (size_t t = 0; t < NUM_MEMORY_TYPES; t++)
            r->decmem[index][p][t] = (struct decmemdesc){.MemHandleType = memory_types[t],
                                                         .Width = sides(caps->width),
                                                         .Height = sides(caps->height),
                                                         .NumColorFormats = count,
                                                         .ColorFormats = formats};
    }
}

static void describe_encoder(struct report *r, mfxU16 index, const struct srt_codec_caps *caps)
{
    struct encoder *encoder = &r->encoders[index];

    encoder->CodecID = caps->codec;
    encoder->MaxcodecLevel = caps->max_level;
    encoder->BiDirectionalPrediction = caps->b_frames;
    encoder->NumProfiles = bounded_profiles(caps);
    encoder->Profiles = r->encprofiles[index];
    for (mfxU16 p = 0; p < encoder->NumProfiles; p++) {
        const struct srt_profile_caps *profile = &caps->profiles[p];
        mfxU32 *formats = r->encformats[index][p];
        mfxU16 count = copy_formats(formats, profile->formats, profile->num_formats);

        encoder->Profiles[p].Profile = profile->profile;
        encoder->Profiles[p].NumMemTypes = NUM_MEMORY_TYPES;
        encoder->Profiles[p].MemDesc = r->encmem[index][p];
        for (size_t t = 0; t < NUM_MEMORY_TYPES; t++)
            r->encmem[index][p][t] = (struct encmemdesc){.MemHandleType = memory_types[t],
                                                         .Width = sides(caps->width),
                                                         .Height = sides(caps->height),
                                                         .NumColorFormats = count,
                                                         .ColorFormats = formats};
    }
}

static void describe_filter(struct report *r, mfxU16 index, const struct srt_filter_caps *caps)
{
    struct filter *filter = &r->filters[index];
    mfxU32 in[MAX_FORMATS];
    mfxU16 num_in = copy_formats(in, caps->in_formats, caps->num_in_formats);
    mfxU16 num_out = copy_formats(r->outformats[index], caps->out_formats, caps->num_out_formats);

    filter->FilterFourCC = caps->filter;
    filter->MaxDelayInFrames = caps->max_delay;
    filter->NumMemTypes = NUM_MEMORY_TYPES;
    filter->MemDesc = r->vppmem[index];
    for (mfxU16 f = 0; f < num_in; f++)
        r->vppformats[index][f] =
            (struct format){.InFormat = in[f], .NumOutFormat = num_out, .OutFormats = r->outformats[index]};
    for (size_t t = 0; t < NUM_MEMORY_TYPES; t++)
        r->vppmem[index][t] = (struct memdesc){.MemHandleType = memory_types[t],
                                               .Width = sides(caps->width),
                                               .Height = sides(caps->height),
                                               .NumInFormats = num_in,
                                               .Formats = r->vppformats[index]};
}

static void describe_components(struct report *r)
{
    mfxImplDescription *desc = &r->desc;
    const struct srt_codec_caps *codec;
    const struct srt_filter_caps *filter;

    desc->Dec.Version.Version = MFX_DECODERDESCRIPTION_VERSION;
    desc->Dec.Codecs = r->decoders;
    for (mfxU16 i = 0; i < MAX_CODECS && (codec = srt_decoder_caps(i)); i++, desc->Dec.NumCodecs++)
        describe_decoder(r, i, codec);
    desc->Enc.Version.Version = MFX_ENCODERDESCRIPTION_VERSION;
    desc->Enc.Codecs = r->encoders;
    for (mfxU16 i = 0; i < MAX_CODECS && (codec = srt_encoder_caps(i)); i++, desc->Enc.NumCodecs++)
        describe_encoder(r, i, codec);
    desc->VPP.Version.Version = MFX_VPPDESCRIPTION_VERSION;
    desc->VPP.Filters = r->filters;
    for (mfxU16 i = 0; i < MAX_FILTERS && (filter = srt_vpp_caps(i)); i++, desc->VPP.NumFilters++)
        describe_filter(r, i, filter);
}

/* The name, the vendor and the keywords tell the truth in either guise. The device of hardware has no PCI id,
 * but it is an adapter, number 0, which clients look for. */
static void describe_guise(struct report *r)
{
    mfxImplDescription *desc = &r->desc;

    desc->Impl = srt_is_hardware() ? MFX_IMPL_TYPE_HARDWARE : MFX_IMPL_TYPE_SOFTWARE;
    r->mode = srt_is_hardware() ? MFX_ACCEL_MODE_VIA_VAAPI : MFX_ACCEL_MODE_NA;
    desc->AccelerationMode = r->mode;
    strcpy(desc->Keywords,
           srt_is_hardware() ? "vfa,software,CPU,libavcodec,guise-hardware" : "vfa,software,CPU,libavcodec");
}

static void describe(struct report *r)
{
    mfxImplDescription *desc = &r->desc;

    r->handles[0] = desc;
    desc->Version.Version = MFX_IMPLDESCRIPTION_VERSION;
    describe_guise(r);
    desc->ApiVersion.Major = SRT_API_MAJOR;
    desc->ApiVersion.Minor = SRT_API_MINOR;
    strcpy(desc->ImplName, "vfa-softrt");
    strcpy(desc->License, "MIT");
    desc->Dev.Version.Version = MFX_DEVICEDESCRIPTION_VERSION;
    desc->Dev.MediaAdapterType = srt_guise_adapter();
    strcpy(desc->Dev.DeviceID, srt_is_hardware() ? "0000/0" : "CPU");
    desc->AccelerationModeDescription.Version.Version = MFX_ACCELERATIONMODESCRIPTION_VERSION;
    desc->AccelerationModeDescription.NumAccelerationModes = 1;
    desc->AccelerationModeDescription.Mode = &r->mode;
    r->policies[0] = MFX_ALLOCATION_OPTIMAL;
    r->policies[1] = MFX_ALLOCATION_UNLIMITED;
    r->policies[2] = MFX_ALLOCATION_LIMITED;
    desc->PoolPolicies.Version.Version = MFX_POOLPOLICYDESCRIPTION_VERSION;
    desc->PoolPolicies.NumPoolPolicies = 3;
    desc->PoolPolicies.Policy = r->policies;
    describe_components(r);
}

/* Format 2: the functions a caller may rely on. */
#define FUNCTION_NAME(name, ...) #name,
static const char *const function_names[] = {"MFXQueryImplsDescription",
                                             SRT_API(FUNCTION_NAME, FUNCTION_NAME)};

#define NUM_FUNCTIONS (sizeof(function_names) / sizeof(function_names[0]))

struct function_report {
    mfxHDL handles[1];
    mfxImplementedFunctions functions;
    mfxChar *names[NUM_FUNCTIONS];
};

static void list_functions(struct function_report *r)
{
    r->handles[0] = &r->functions;
    r->functions.NumFunctions = (mfxU16)NUM_FUNCTIONS;
    r->functions.FunctionsName = r->names;
    for (size_t i = 0; i < NUM_FUNCTIONS; i++)
        r->names[i] = (mfxChar *)(uintptr_t)function_names[i]; /* the API's type lacks the const */
}

/* Made once and never freed: the dispatcher may hold a handle as long as the library is loaded. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct report impl_report;
static struct function_report functions_report;

static void make_reports(void)
{
    describe(&impl_report);
    list_functions(&functions_report);
}

mfxHDL *srt_MFXQueryImplsDescription(mfxImplCapsDeliveryFormat format, mfxU32 *num_impls)
{
    if (!num_impls)
        return NULL;
    *num_impls = 0;
    if (format != MFX_IMPLCAPS_IMPLDESCSTRUCTURE && format != MFX_IMPLCAPS_IMPLEMENTEDFUNCTIONS)
        return NULL;
    if (srt_guise() == SRT_GUISE_UNKNOWN || pthread_once(&once, make_reports))
        return NULL;
    *num_impls = 1;
    return format == MFX_IMPLCAPS_IMPLDESCSTRUCTURE ? impl_report.handles : functions_report.handles;
}

mfxStatus srt_MFXReleaseImplDescription(mfxHDL hdl)
{
    if (hdl && hdl != &impl_report.desc && hdl != &functions_report.functions)
        return MFX_ERR_INVALID_HANDLE;
    return MFX_ERR_NONE;
}

# Where the dependencies come from: Debian's packages, found by pkg-config.
find_package(PkgConfig REQUIRED)

# libvpl-dev. The library itself needs only the headers; applications (samples, tests) link the dispatcher.
pkg_check_modules(VPL REQUIRED IMPORTED_TARGET vpl>=2.8)
find_path(VFA_VPL_INCLUDE_DIR vpl/mfxvideo.h HINTS ${VPL_INCLUDE_DIRS} REQUIRED)
add_library(vfa_vpl_headers INTERFACE)
target_include_directories(vfa_vpl_headers SYSTEM INTERFACE ${VFA_VPL_INCLUDE_DIR})

# libva, for libvfa-va; vaSyncSurface2 came with VA-API 1.9.
if(VFA_BUILD_VA OR VFA_BUILD_TESTS)
  pkg_check_modules(LIBVA REQUIRED IMPORTED_TARGET libva>=1.9)
  pkg_check_modules(LIBVA_DRM REQUIRED IMPORTED_TARGET libva-drm>=1.9)
  pkg_check_modules(LIBDRM REQUIRED IMPORTED_TARGET libdrm)
endif()

# FFmpeg's libraries: for the samples only.
if(VFA_BUILD_SAMPLES)
  pkg_check_modules(AVUTIL REQUIRED IMPORTED_TARGET libavutil>=57)
  pkg_check_modules(AVCODEC REQUIRED IMPORTED_TARGET libavcodec>=59)
  pkg_check_modules(AVFORMAT REQUIRED IMPORTED_TARGET libavformat>=59)
  pkg_check_modules(AVFILTER REQUIRED IMPORTED_TARGET libavfilter>=8)
  pkg_check_modules(SWSCALE REQUIRED IMPORTED_TARGET libswscale>=6)

  # What the software runtime encodes HEVC and VP9 with.
  pkg_check_modules(X265 IMPORTED_TARGET x265)
  pkg_check_modules(VPX IMPORTED_TARGET vpx)
  if(NOT X265_FOUND OR NOT VPX_FOUND)
    message(FATAL_ERROR "The software runtime encodes HEVC with libx265 and VP9 with libvpx, and one of them is missing. "
      "Install both (Debian: libx265-dev, libvpx-dev), or build without the samples: -DVFA_BUILD_SAMPLES=OFF")
  endif()
endif()

# GStreamer's buffer pool: for a benchmark that measures beside it, where it is installed.
if(VFA_BUILD_BENCH)
  pkg_check_modules(GST_VIDEO IMPORTED_TARGET gstreamer-video-1.0)
endif()

# cmocka: for the tests only.
if(VFA_BUILD_TESTS)
  pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka>=1.1)
endif()

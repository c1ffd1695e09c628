# How everything of this project is compiled and linked: the interface target vfa_warnings, sanitizers, coverage.

add_library(vfa_warnings INTERFACE)
target_compile_options(vfa_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow
  $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes>
  $<$<BOOL:${VFA_WERROR}>:-Werror>)
target_compile_definitions(vfa_warnings INTERFACE _GNU_SOURCE)

# libFuzzer's programs are of use with coverage and checks in all that they run.
if(VFA_BUILD_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID STREQUAL Clang)
    message(FATAL_ERROR "VFA_BUILD_FUZZ needs Clang: -DCMAKE_C_COMPILER=clang")
  endif()
  if(NOT VFA_SANITIZE)
    set(VFA_SANITIZE address,undefined)
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(VFA_SANITIZE)
  add_compile_options(-fsanitize=${VFA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${VFA_SANITIZE})
else()
  # A shared library that forgot to name what it needs fails here, not in its user's program. (Under a sanitizer
  # the executable brings the runtime, so that libraries have undefined symbols by design.)
  add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,SHARED_LIBRARY>:LINKER:--no-undefined>)
endif()

# Only src is counted (src/CMakeLists.txt); whatever links it has the counters' runtime.
if(VFA_COVERAGE)
  add_link_options(--coverage)
endif()

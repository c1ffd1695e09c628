# What `cmake --install` puts where: the libraries, their headers, and how CMake and pkg-config find them.
include(CMakePackageConfigHelpers)

set(VFA_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/vfa)

# libvfa and its headers; those of libvfa-va only beside the library that they describe.
set(VFA_VA_HEADERS "(va|dmabuf)\\.h$")
install(TARGETS vfa EXPORT vfaTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT vfaTargets NAMESPACE vfa:: DESTINATION ${VFA_CMAKE_DIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/vfa DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h" REGEX "/${VFA_VA_HEADERS}" EXCLUDE)
if(VFA_BUILD_VA)
  install(TARGETS vfa-va EXPORT vfaVaTargets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT vfaVaTargets NAMESPACE vfa:: DESTINATION ${VFA_CMAKE_DIR})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/vfa DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING REGEX "/${VFA_VA_HEADERS}")
endif()

# find_package(vfa)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/vfaConfig.cmake.in
  ${PROJECT_BINARY_DIR}/vfaConfig.cmake INSTALL_DESTINATION ${VFA_CMAKE_DIR} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a new minor version may change the API.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/vfaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/vfaConfig.cmake ${PROJECT_BINARY_DIR}/vfaConfigVersion.cmake
  DESTINATION ${VFA_CMAKE_DIR})

# pkg-config. The prefix is found from the file's own place, so that the tree can be moved.
file(RELATIVE_PATH VFA_PC_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" VFA_PC_PREFIX "${VFA_PC_PREFIX}")
cmake_path(APPEND VFA_PC_LIBDIR "\${prefix}" ${CMAKE_INSTALL_LIBDIR}) # an absolute one replaces the prefix
cmake_path(APPEND VFA_PC_INCLUDEDIR "\${prefix}" ${CMAKE_INSTALL_INCLUDEDIR})
set(VFA_PC_CONFORM "") # where vfa-conform is, for those who test an allocator of their own
if(VFA_BUILD_CONFORM)
  cmake_path(APPEND VFA_PC_BINDIR "\${prefix}" ${CMAKE_INSTALL_BINDIR})
  set(VFA_PC_CONFORM "conform=${VFA_PC_BINDIR}/vfa-conform\n")
endif()
set(VFA_PC_ARCHIVE_NEEDS "") # not left to `pkg-config --static`, whose answer would name libvpl
if(NOT BUILD_SHARED_LIBS)
  set(VFA_PC_ARCHIVE_NEEDS ", libva-drm >= 1.9")
endif()
set(VFA_PC_NAMES vfa)
if(VFA_BUILD_VA)
  list(APPEND VFA_PC_NAMES vfa-va)
endif()
foreach(name IN LISTS VFA_PC_NAMES)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/${name}.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()

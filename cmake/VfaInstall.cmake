# What `cmake --install` puts where: the library, its headers, and how CMake and pkg-config find them.
include(CMakePackageConfigHelpers)

set(VFA_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/vfa)

install(TARGETS vfa EXPORT vfaTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/vfa DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h")

# find_package(vfa)
install(EXPORT vfaTargets NAMESPACE vfa:: DESTINATION ${VFA_CMAKE_DIR})
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
configure_file(${PROJECT_SOURCE_DIR}/cmake/vfa.pc.in ${PROJECT_BINARY_DIR}/vfa.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/vfa.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

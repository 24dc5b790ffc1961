# cmake --install: the engine as a package for other programs, find_package(weightroom), and the command line.
#
#   bin/weightroom                     the command line
#   include/weightroom/FOLDER/*.h      the headers: #include "nn/session.h"
#   lib/libweightroom_FOLDER.a         weightroom::base, nn, io, onnx, explain; weightroom::engine is all of them
#   lib/cmake/weightroom/              what find_package reads
#   share/weightroom/                  the shipped models, where the command line finds them
#
# examples/engine is built against it in the tests.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(engine_folders base nn io onnx explain)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/weightroom")

foreach(folder IN LISTS engine_folders)
  set_target_properties(${folder} PROPERTIES OUTPUT_NAME "weightroom_${folder}")
  target_include_directories(${folder} INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/weightroom>")
  # Without those that need a package, and without the arithmetic's insides.
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/src/${folder}"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/weightroom"
    FILES_MATCHING PATTERN "*.h"
    PATTERN "kernels" EXCLUDE
    PATTERN "ops" EXCLUDE
    PATTERN "methods" EXCLUDE
    REGEX "/(io/(json|stb)|onnx/export_node)\\.h$" EXCLUDE)
endforeach()
target_compile_features(base PUBLIC cxx_std_23)
set_target_properties(highway PROPERTIES OUTPUT_NAME weightroom_highway)
add_library(engine INTERFACE)
target_link_libraries(engine INTERFACE ${engine_folders})

install(DIRECTORY "${strings_dir}/include/strings" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/weightroom")
install(TARGETS ${engine_folders} engine highway threads EXPORT weightroomTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(EXPORT weightroomTargets NAMESPACE weightroom:: DESTINATION "${package_dir}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/weightroomConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/weightroomConfig.cmake" INSTALL_DESTINATION "${package_dir}")
# Before 1.0 a minor version may change what headers promise.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/weightroomConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/weightroomConfig.cmake" "${PROJECT_BINARY_DIR}/weightroomConfigVersion.cmake"
  DESTINATION "${package_dir}")

file(GLOB shipped_models CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/assets/*.safetensors")
install(FILES ${shipped_models} DESTINATION "${CMAKE_INSTALL_DATADIR}/weightroom")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/assets/CREDITS.md" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
if(TARGET weightroom)
  install(TARGETS weightroom RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()

# embed(NAME files...) makes a library NAME that carries the files inside the program, and its
# header <embedded/NAME.h>:
#
#   namespace weightroom::embedded::NAME {
#   std::span<const unsigned char> find(std::string_view name);  // "heatmap.frag"; empty: not there
#   }
#
# A file goes by its name without folders. Arrays are written out as C++: #embed is younger
# than our compilers, and 150 KB compile in a moment.
function(embed name)
  set(header "${PROJECT_BINARY_DIR}/embedded/include/embedded/${name}.h")
  set(source "${PROJECT_BINARY_DIR}/embedded/${name}.cpp")
  add_custom_command(
    OUTPUT "${source}" "${header}"
    COMMAND ${CMAKE_COMMAND} -DNAME=${name} "-DFILES=${ARGN}" -DHEADER=${header} -DSOURCE=${source}
      -P "${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake"
    DEPENDS ${ARGN} "${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake"
    COMMENT "Embedding ${name}"
    VERBATIM)
  add_library(${name} STATIC "${source}" "${header}")
  target_include_directories(${name} PUBLIC "${PROJECT_BINARY_DIR}/embedded/include")
endfunction()

file(GLOB_RECURSE shader_files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/shaders/*")
embed(shaders ${shader_files})

file(GLOB font_files CONFIGURE_DEPENDS "${WEIGHTROOM_TOOLCHAIN}/fonts/*.ttf" "${WEIGHTROOM_TOOLCHAIN}/fonts/*.otf")
embed(fonts ${font_files})

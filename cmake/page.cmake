# The page: links weightroom-app for the browser, then puts build/web/dist and
# build/web/weightroom.html together (page.mjs, single_file.mjs).
set_target_properties(weightroom-app PROPERTIES OUTPUT_NAME weightroom SUFFIX .js)
target_link_options(weightroom-app PRIVATE
  -sENVIRONMENT=web -sMODULARIZE -sEXPORT_NAME=createWeightroom
  -sALLOW_MEMORY_GROWTH=1 -sMEMORY_GROWTH_GEOMETRIC_STEP=0.05 -sSTACK_SIZE=1MB
  -sFILESYSTEM=0         # files come in as bytes from shell.js
  -sDYNAMIC_EXECUTION=0  # the page's policy forbids eval
  -sEXPORTED_FUNCTIONS=_main,_malloc,_free
  # What EM_JS functions and shell.js may call.
  -sEXPORTED_RUNTIME_METHODS=ccall,cwrap,UTF8ToString,stringToUTF8,stringToNewUTF8,lengthBytesUTF8,HEAPU8,HEAPF32)

if(NOT EXISTS "${PROJECT_SOURCE_DIR}/web/index.html")
  message(STATUS "web/index.html is not there: the program is built, but no page around it")
  return()
endif()

file(GLOB_RECURSE page_parts CONFIGURE_DEPENDS
  "${PROJECT_SOURCE_DIR}/web/*" "${PROJECT_SOURCE_DIR}/assets/*.safetensors" "${WEIGHTROOM_TOOLCHAIN}/samples/*")
find_program(NODE NAMES node REQUIRED)
add_custom_command(
  OUTPUT "${PROJECT_BINARY_DIR}/weightroom.html"
  COMMAND "${NODE}" "${PROJECT_SOURCE_DIR}/cmake/page.mjs"
    --web "${PROJECT_SOURCE_DIR}/web" --program "${PROJECT_BINARY_DIR}"
    --models "${PROJECT_SOURCE_DIR}/assets" --samples "${WEIGHTROOM_TOOLCHAIN}/samples"
    --dist "${PROJECT_BINARY_DIR}/dist"
  COMMAND "${NODE}" "${PROJECT_SOURCE_DIR}/cmake/single_file.mjs"
    "${PROJECT_BINARY_DIR}/dist" "${PROJECT_BINARY_DIR}/weightroom.html"
  DEPENDS weightroom-app weightroom-engine ${page_parts}
    "${PROJECT_SOURCE_DIR}/cmake/page.mjs" "${PROJECT_SOURCE_DIR}/cmake/single_file.mjs"
  COMMENT "Assembling the page"
  VERBATIM)
add_custom_target(page ALL DEPENDS "${PROJECT_BINARY_DIR}/weightroom.html")

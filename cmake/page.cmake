# The page: links weightroom-app for the browser, then puts build/web/dist and
# build/web/weightroom.html together (page.mjs, single_file.mjs). With WEIGHTROOM_THREADS it is the second program, which
# shell.js prefers where it can run; a page built afterwards takes it along, unless told otherwise.
option(WEIGHTROOM_WITH_THREADS "The page takes the threaded program along, if it was built" ON)
if(WEIGHTROOM_THREADS)
  set(program weightroom-threads)
  set(environment -sENVIRONMENT=web,worker -sEXPORT_NAME=createWeightroomThreads)
else()
  set(program weightroom)
  set(environment -sENVIRONMENT=web -sEXPORT_NAME=createWeightroom)
endif()
set_target_properties(weightroom-app PROPERTIES OUTPUT_NAME ${program} SUFFIX .js)
target_link_options(weightroom-app PRIVATE
  ${environment} -sMODULARIZE
  -sALLOW_MEMORY_GROWTH=1 -sMEMORY_GROWTH_GEOMETRIC_STEP=0.05 -sSTACK_SIZE=1MB
  -sFILESYSTEM=0         # files come in as bytes from shell.js
  -sDYNAMIC_EXECUTION=0  # the page's policy forbids eval
  # Nothing for older browsers than the first with WebAssembly SIMD (shell.js turns those away), nor for a shell that
  # is not ours.
  -sMIN_CHROME_VERSION=91 -sMIN_FIREFOX_VERSION=89 -sMIN_SAFARI_VERSION=160400
  # A program that is right never traps: what only a trap would need goes.
  -sBINARYEN_EXTRA_PASSES=--traps-never-happen,--converge
  -sINCOMING_MODULE_JS_API=canvas,onAbort,wasmBinary
  -sGL_TRACK_ERRORS=0 -sGL_ENABLE_GET_PROC_ADDRESS=0)

# The platform's half in JavaScript. What it calls of the program and of Emscripten stands in its __deps.
file(GLOB page_libraries CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/platform/web/*.js")
foreach(library IN LISTS page_libraries)
  target_link_options(weightroom-app PRIVATE "SHELL:--js-library ${library}")
endforeach()
set_property(TARGET weightroom-app APPEND PROPERTY LINK_DEPENDS ${page_libraries})
target_link_options(weightroom-app PRIVATE --emit-symbol-map) # for scripts/page_size.mjs

if(WEIGHTROOM_THREADS)
  return()
endif()
if(NOT EXISTS "${PROJECT_SOURCE_DIR}/web/index.html")
  message(STATUS "web/index.html is not there: the program is built, but no page around it")
  return()
endif()

file(GLOB_RECURSE page_parts CONFIGURE_DEPENDS
  "${PROJECT_SOURCE_DIR}/web/*" "${PROJECT_SOURCE_DIR}/assets/*.safetensors" "${WEIGHTROOM_TOOLCHAIN}/samples/*")
set(WEIGHTROOM_THREADS_DIR "${PROJECT_SOURCE_DIR}/build/web-threads" CACHE PATH "Where the threaded program was built, if it was")
set(threads_parts "")
if(WEIGHTROOM_WITH_THREADS)
  file(GLOB threads_parts CONFIGURE_DEPENDS
    "${WEIGHTROOM_THREADS_DIR}/*-threads.js" "${WEIGHTROOM_THREADS_DIR}/*-threads.wasm")
endif()

# What opens files for the page beside its frames (web/opener.js), loaded with the first of them.
add_executable(weightroom-opener "${PROJECT_SOURCE_DIR}/src/app/opener_program.cpp")
target_link_libraries(weightroom-opener PRIVATE own_code opener)
target_compile_options(weightroom-opener PRIVATE -Oz)
set_target_properties(weightroom-opener PROPERTIES SUFFIX .js RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
target_link_options(weightroom-opener PRIVATE -Oz --no-entry
  -sENVIRONMENT=web,worker -sMODULARIZE -sEXPORT_NAME=createOpener
  -sALLOW_MEMORY_GROWTH=1 -sSTACK_SIZE=1MB -sFILESYSTEM=0 -sDYNAMIC_EXECUTION=0
  -sMIN_CHROME_VERSION=91 -sMIN_FIREFOX_VERSION=89 -sMIN_SAFARI_VERSION=160400
  -sINCOMING_MODULE_JS_API=instantiateWasm
  -sEXPORTED_FUNCTIONS=_opener_room,_opener_answer,_opener_answer_size,_opener_done
  -sEXPORTED_RUNTIME_METHODS=HEAPU8)

find_program(NODE NAMES node REQUIRED)
add_custom_command(
  OUTPUT "${PROJECT_BINARY_DIR}/weightroom.html"
  COMMAND "${NODE}" "${PROJECT_SOURCE_DIR}/cmake/page.mjs"
    --web "${PROJECT_SOURCE_DIR}/web" --program "${PROJECT_BINARY_DIR}"
    "$<$<BOOL:${WEIGHTROOM_WITH_THREADS}>:--threads=${WEIGHTROOM_THREADS_DIR}>"
    --models "${PROJECT_SOURCE_DIR}/assets" --samples "${WEIGHTROOM_TOOLCHAIN}/samples"
    --dist "${PROJECT_BINARY_DIR}/dist"
  COMMAND "${NODE}" "${PROJECT_SOURCE_DIR}/cmake/single_file.mjs"
    "${PROJECT_BINARY_DIR}/dist" "${PROJECT_BINARY_DIR}/weightroom.html"
  DEPENDS weightroom-app weightroom-opener weightroom-engine ${page_parts} ${threads_parts}
    "${PROJECT_SOURCE_DIR}/cmake/page.mjs" "${PROJECT_SOURCE_DIR}/cmake/first_load.mjs"
    "${PROJECT_SOURCE_DIR}/cmake/page_strings.mjs" "${PROJECT_SOURCE_DIR}/cmake/single_file.mjs"
    "${PROJECT_SOURCE_DIR}/assets/strings/en.json"
  COMMENT "Assembling the page"
  COMMAND_EXPAND_LISTS
  VERBATIM)
add_custom_target(page ALL DEPENDS "${PROJECT_BINARY_DIR}/weightroom.html")

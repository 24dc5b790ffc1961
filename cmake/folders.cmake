# weightroom_folder(NAME USES folders... PACKAGES packages... WITHOUT files...)
# makes the library NAME of src/NAME/**.cpp. A folder of headers alone, or not written yet,
# becomes an interface library, so that its users need not know.
function(weightroom_folder name)
  cmake_parse_arguments(arg "" "" "USES;PACKAGES;WITHOUT" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/${name}/*.cpp")
  foreach(file IN LISTS arg_WITHOUT)
    list(REMOVE_ITEM sources "${PROJECT_SOURCE_DIR}/src/${name}/${file}")
  endforeach()
  if(sources)
    add_library(${name} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(${name} PRIVATE $<BUILD_INTERFACE:own_code>)
    weightroom_fuzz_coverage(${name} ${sources})
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${name} ${scope} "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>")
  target_link_libraries(${name} ${scope} ${arg_USES})
  foreach(package IN LISTS arg_PACKAGES)  # whoever uses what is installed does without: no header of it names one
    target_link_libraries(${name} ${scope} $<BUILD_INTERFACE:${package}>)
  endforeach()
  if(name STREQUAL "base")
    target_link_libraries(${name} ${scope} highway threads)
  endif()
endfunction()

# libFuzzer sees which branches an input took only in files compiled for it. The arithmetic
# is left out: it is no parser, and counting its loops would slow the sanitizer's tests.
function(weightroom_fuzz_coverage name)
  if(NOT WEIGHTROOM_FUZZ OR name MATCHES "^(train|explain|studies|timing|gfx|platform|ui)$")
    return()
  endif()
  if(name STREQUAL "nn")
    list(FILTER ARGN EXCLUDE REGEX "/src/nn/(kernels|ops)/")
    weightroom_apart(-fsanitize=fuzzer-no-link ${ARGN})
  else()
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

# The command line: build/native/weightroom, build/web-cli/weightroom.js.
function(weightroom_cli)
  if(NOT EXISTS "${PROJECT_SOURCE_DIR}/src/cli/main.cpp")
    message(STATUS "src/cli/main.cpp is not there: no command line")
    return()
  endif()
  add_executable(weightroom "${PROJECT_SOURCE_DIR}/src/cli/main.cpp")
  target_link_libraries(weightroom PRIVATE own_code cli)
  target_compile_options(weightroom PRIVATE -O0)
  set_target_properties(weightroom PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
  weightroom_for_node(weightroom)
endfunction()

# A wasm program that Node runs like any other: real files, a real exit code.
# Further arguments are link options.
function(weightroom_for_node target)
  if(EMSCRIPTEN)
    target_link_options(${target} PRIVATE
      -sENVIRONMENT=node -sNODERAWFS=1 -sEXIT_RUNTIME=1
      -sALLOW_MEMORY_GROWTH=1 -sSTACK_SIZE=1MB ${ARGN})
  endif()
endfunction()

# The program with a face: a window here, the page with Emscripten.
function(weightroom_app)
  if(NOT EXISTS "${PROJECT_SOURCE_DIR}/src/app/main.cpp")
    message(STATUS "src/app/main.cpp is not there: no window and no page")
    return()
  endif()
  if(NOT WEIGHTROOM_IMGUI_FOUND)
    message(STATUS "Dear ImGui is not there (scripts/setup fetches it, or -DIMGUI_DIR=): no window and no page")
    return()
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/app/*.cpp")
  add_executable(weightroom-app ${sources})
  target_link_libraries(weightroom-app PRIVATE own_code
    base nn train io onnx explain edit document studies lab gfx platform ui)
  set_target_properties(weightroom-app PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
  if(EMSCRIPTEN)
    target_compile_options(weightroom-app PRIVATE -Oz)
    target_link_options(weightroom-app PRIVATE -Oz)  # of the whole program: the folders say what is fast
    include(page)
  endif()
endfunction()

if(EMSCRIPTEN)
  set(WEIGHTROOM_OTHER_PLATFORM native.cpp native_files.cpp)
else()
  set(WEIGHTROOM_OTHER_PLATFORM web.cpp web_files.cpp web_bridge.cpp)
endif()

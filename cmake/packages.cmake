# Everything from elsewhere, each as one small target with SYSTEM headers.
# Native headers come from the system; wasm reads the same header-only packages through
# .toolchain/include, a folder of links: the system's whole /usr/include would shadow
# Emscripten's own C library.
set(WEIGHTROOM_TOOLCHAIN "${PROJECT_SOURCE_DIR}/.toolchain" CACHE PATH "What scripts/setup fetched")

function(weightroom_header_package name)
  add_library(${name} INTERFACE)
  if(EMSCRIPTEN)
    target_include_directories(${name} SYSTEM INTERFACE "${WEIGHTROOM_TOOLCHAIN}/include")
  endif()
endfunction()

weightroom_header_package(json) # <nlohmann/json.hpp>
weightroom_header_package(protozero) # <protozero/pbf_reader.hpp>
weightroom_header_package(cli11) # <CLI/CLI.hpp>
weightroom_header_package(stb) # <stb/stb_image.h> and friends

# Highway: static dispatch, so the headers do; its one function that is not in them is ours.
# HWY_DISABLE_PCLMUL_AES: x86-64-v3 has no AES, and without this Highway would fall back from
# AVX2 to plain SSE because of it.
add_library(highway STATIC "${PROJECT_SOURCE_DIR}/cmake/hwy_abort.cpp")
target_compile_definitions(highway PUBLIC HWY_COMPILE_ONLY_STATIC HWY_DISABLE_PCLMUL_AES)
if(EMSCRIPTEN)
  target_include_directories(highway SYSTEM PUBLIC "${WEIGHTROOM_TOOLCHAIN}/include")
endif()

add_library(threads INTERFACE)
if(NOT EMSCRIPTEN)
  find_package(Threads REQUIRED)
  target_link_libraries(threads INTERFACE Threads::Threads)
endif()

# Dear ImGui 1.90.1, from source on both sides. Core and backends are apart: panels and their
# headless tests see the core alone.
set(IMGUI_DIR "${WEIGHTROOM_TOOLCHAIN}/imgui" CACHE PATH "Dear ImGui's source, 1.90.1")
add_library(opengl INTERFACE)
add_library(window INTERFACE)
set(WEIGHTROOM_IMGUI_FOUND OFF)
if(WEIGHTROOM_APP AND EXISTS "${IMGUI_DIR}/imgui.h")
  if(EMSCRIPTEN)
    target_link_options(window INTERFACE -sUSE_GLFW=3)
    # No extension is used, and to switch each on costs the page's start a wait for the GPU process.
    target_link_options(opengl INTERFACE -sMIN_WEBGL_VERSION=2 -sMAX_WEBGL_VERSION=2
      -sGL_SUPPORT_AUTOMATIC_ENABLE_EXTENSIONS=0)
    set(WEIGHTROOM_IMGUI_FOUND ON)
  else()
    find_package(glfw3 3.3 QUIET)
    find_package(OpenGL QUIET)
    if(TARGET OpenGL::GL AND glfw3_FOUND)
      # The library exports the core functions; without this the headers hide them.
      target_compile_definitions(opengl INTERFACE GL_GLEXT_PROTOTYPES)
      target_link_libraries(opengl INTERFACE OpenGL::GL)
      target_link_libraries(window INTERFACE glfw)
      set(WEIGHTROOM_IMGUI_FOUND ON)
    endif()
  endif()
endif()

if(WEIGHTROOM_IMGUI_FOUND)
  add_library(imgui STATIC
    "${IMGUI_DIR}/imgui.cpp" "${IMGUI_DIR}/imgui_draw.cpp"
    "${IMGUI_DIR}/imgui_tables.cpp" "${IMGUI_DIR}/imgui_widgets.cpp")
  target_include_directories(imgui SYSTEM PUBLIC "${IMGUI_DIR}" "${IMGUI_DIR}/backends")
  target_compile_definitions(imgui PUBLIC
    IMGUI_DISABLE_OBSOLETE_FUNCTIONS IMGUI_DISABLE_DEMO_WINDOWS IMGUI_DISABLE_DEBUG_TOOLS
    IMGUI_DISABLE_DEFAULT_FONT)
  # Rendering is our own (src/gfx/renderer.h says why); windows and keys are ImGui's.
  add_library(imgui_backends STATIC "${IMGUI_DIR}/backends/imgui_impl_glfw.cpp")
  target_link_libraries(imgui_backends PUBLIC imgui window)
  if(EMSCRIPTEN)
    # Bytes before speed where a frame's time does not go.
    target_compile_options(imgui PRIVATE -Oz)
    target_compile_options(imgui_backends PRIVATE -Oz)
  else()
    target_compile_options(imgui PRIVATE $<IF:$<BOOL:${WEIGHTROOM_SANITIZE}>,-O0,-O1>)
    target_link_libraries(imgui_backends PUBLIC ${CMAKE_DL_LIBS})
    find_package(ZLIB REQUIRED)  # what the window measures gzip with; the page asks the browser
    target_link_libraries(imgui_backends PUBLIC ZLIB::ZLIB)
  endif()
else()
  add_library(imgui INTERFACE)
  add_library(imgui_backends INTERFACE)
endif()

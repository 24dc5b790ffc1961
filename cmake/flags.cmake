# Language, floating point, processor, warnings, sanitizers.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O3 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")

set(WEIGHTROOM_MARCH "x86-64-v3" CACHE STRING "Processor level on x86-64; empty for the compiler's default")
option(WEIGHTROOM_SANITIZE "Address and undefined-behaviour sanitizers" OFF)
option(WEIGHTROOM_FUZZ "Build the fuzz targets (needs clang)" OFF)
option(WEIGHTROOM_THREADS "With Emscripten: the program on several threads, for pages that are cross-origin isolated" OFF)
option(WEIGHTROOM_CLI "Build the command line" ON)
option(WEIGHTROOM_APP "Build the window, or with Emscripten the page" ON)

# The same model and picture give the same bits everywhere: a multiply and an add are never
# fused behind our back, although x86-64-v3 has the instruction. Compiled into everything.
add_compile_options(-ffp-contract=off -fno-fast-math)

if(EMSCRIPTEN)
  # Exceptions (json, protozero) need the same flag in every object and at the link.
  add_compile_options(-msimd128 -fwasm-exceptions)
  add_link_options(-fwasm-exceptions)
  # Every browser with SIMD has these two instructions: a copy is one, and so is a number cut to a whole one.
  add_compile_options(-mbulk-memory -mnontrapping-fptoint)
  # Nothing asks for a type's name, and the page never ends: about a hundredth of its bytes.
  add_compile_options(-fno-rtti -fno-c++-static-destructors)
  if(NOT WEIGHTROOM_THREADS)
    add_compile_options(-fno-threadsafe-statics)
  else()
    add_compile_options(-pthread)
    # Growing shared memory makes JavaScript look at it anew, which is rare here: the program does the work.
    add_link_options(-pthread -Wno-pthreads-mem-growth)
  endif()
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$" AND WEIGHTROOM_MARCH)
  add_compile_options(-march=${WEIGHTROOM_MARCH})
endif()

if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND "$ENV{CLICOLOR_FORCE}" STREQUAL "")
  add_compile_options(-fcolor-diagnostics)
endif()

if(WEIGHTROOM_SANITIZE)
  add_compile_options(-O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()
if(WEIGHTROOM_FUZZ AND NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "The fuzz targets need clang (libFuzzer).")
endif()

# Our own code only: packages come in as SYSTEM headers and are not held to it.
add_library(own_code INTERFACE)
target_include_directories(own_code INTERFACE "${PROJECT_SOURCE_DIR}/src")
target_compile_options(own_code INTERFACE -Wall -Wextra -Wconversion -Werror)

# Chooses the compiler before project(), unless someone has: native and web are then the same clang.
if(NOT CMAKE_CXX_COMPILER AND NOT CMAKE_TOOLCHAIN_FILE AND NOT DEFINED ENV{CXX})
  find_program(WEIGHTROOM_CLANG NAMES clang++-19 clang++-20 clang++-18)
  mark_as_advanced(WEIGHTROOM_CLANG)
  if(WEIGHTROOM_CLANG)
    set(CMAKE_CXX_COMPILER "${WEIGHTROOM_CLANG}")
  endif()
endif()

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Debug, Release, RelWithDebInfo" FORCE)
endif()

# Compilations already done are taken from ccache where it is installed. Emscripten calls it
# around its clang: around emcc itself it would start Python twice.
find_program(CCACHE ccache)
mark_as_advanced(CCACHE)
if(CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  # What ccache asks for where headers are precompiled; and paths as seen from the build folder, so that the page and
  # the command line as wasm share what they compile alike.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros")
  if(NOT DEFINED ENV{CCACHE_BASEDIR})
    list(APPEND CMAKE_CXX_COMPILER_LAUNCHER "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}")
  endif()
  if(CMAKE_TOOLCHAIN_FILE)
    list(APPEND CMAKE_CXX_COMPILER_LAUNCHER "EM_COMPILER_WRAPPER=${CCACHE}")
  else()
    list(APPEND CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
  endif()
endif()

# Emscripten: a new enough emcc on the PATH, or the one scripts/setup put under .toolchain.
if(NOT WEIGHTROOM_EMSCRIPTEN)
  find_program(emcc_on_path emcc NO_CACHE)
  if(emcc_on_path)
    execute_process(COMMAND "${emcc_on_path}" --version OUTPUT_VARIABLE version ERROR_QUIET)
    if(version MATCHES "[^0-9]([0-9]+\\.[0-9]+\\.[0-9]+)" AND CMAKE_MATCH_1 VERSION_GREATER_EQUAL 3.1.60)
      # em-config asks Emscripten itself, since emcc may be a link or a wrapper.
      get_filename_component(folder "${emcc_on_path}" DIRECTORY)
      execute_process(COMMAND "${folder}/em-config" EMSCRIPTEN_ROOT
        OUTPUT_VARIABLE emscripten_root OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    endif()
  endif()
  if(NOT emscripten_root)
    set(emscripten_root "${CMAKE_CURRENT_LIST_DIR}/../.toolchain/root/usr/share/emscripten")
  endif()
  get_filename_component(emscripten_root "${emscripten_root}" ABSOLUTE)
  if(NOT EXISTS "${emscripten_root}/cmake/Modules/Platform/Emscripten.cmake")
    message(FATAL_ERROR "Emscripten is not there: run scripts/setup")
  endif()
  set(WEIGHTROOM_EMSCRIPTEN "${emscripten_root}" CACHE PATH "Emscripten's folder")
endif()
# CMake reads this file again for each trial compilation.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES WEIGHTROOM_EMSCRIPTEN)
include("${WEIGHTROOM_EMSCRIPTEN}/cmake/Modules/Platform/Emscripten.cmake")

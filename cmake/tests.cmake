# tests/FOLDER/**_test.cpp become one program FOLDER_test. Natively each case is a ctest entry;
# under Node and the sanitizers, which start slowly, each program is one.
set(GOOGLETEST_DIR "/usr/src/googletest" CACHE PATH "GoogleTest's source (the package googletest)")
if(NOT EXISTS "${GOOGLETEST_DIR}/CMakeLists.txt")
  message(STATUS "GoogleTest's source is not at ${GOOGLETEST_DIR}: no tests")
  return()
endif()
# From source, so that native, sanitized and wasm programs all have it with their own flags.
set(INSTALL_GTEST OFF CACHE BOOL "" FORCE)
if(EMSCRIPTEN)
  set(gtest_disable_pthreads ON CACHE BOOL "" FORCE)
endif()
add_subdirectory("${GOOGLETEST_DIR}" "${PROJECT_BINARY_DIR}/googletest" EXCLUDE_FROM_ALL SYSTEM)
include(GoogleTest)
foreach(library gtest gtest_main gmock)
  target_compile_options(${library} PRIVATE -O0)  # where no time goes
endforeach()

# Helpers every test may use; golden files are read through io.
file(GLOB_RECURSE support_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/support/*.cpp")
if(support_sources)
  add_library(test_support STATIC ${support_sources})
  target_link_libraries(test_support PRIVATE own_code)
  set(support_scope PUBLIC)
else()
  add_library(test_support INTERFACE)
  set(support_scope INTERFACE)
endif()
target_include_directories(test_support ${support_scope} "${PROJECT_SOURCE_DIR}/tests")
target_link_libraries(test_support ${support_scope} base nn io onnx GTest::gmock)
target_compile_definitions(test_support ${support_scope}
  WEIGHTROOM_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
  WEIGHTROOM_BINARY_DIR="${PROJECT_BINARY_DIR}")

function(weightroom_tests folder)
  if(NOT TARGET ${folder})
    return()
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${folder}/*_test.cpp")
  if(NOT sources)
    return()
  endif()
  add_executable(${folder}_test ${sources})
  set(uses "")
  if(folder MATCHES "^(document|studies)$")  # tried as they are used: through the lab
    set(uses lab)
  endif()
  target_link_libraries(${folder}_test PRIVATE own_code test_support ${folder} ${uses} GTest::gmock GTest::gtest_main)
  set_target_properties(${folder}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  if(folder STREQUAL "nn")  # many of its names are those of an op
    weightroom_precompile(${folder}_test <gtest/gtest.h> <gmock/gmock.h> support/nets.h)
  else()
    weightroom_together(${folder}_test 8)
  endif()
  # Optimising takes longer than it saves, but for oracles that loop.
  if(NOT folder MATCHES "^(nn|explain)$")
    target_compile_options(${folder}_test PRIVATE -O0)
  else()
    target_compile_options(${folder}_test PRIVATE -O1)
  endif()
  weightroom_for_node(${folder}_test -O1) # the link's own optimizer costs more than it gives here
  if(EMSCRIPTEN OR WEIGHTROOM_SANITIZE)
    add_test(NAME ${folder}_test COMMAND ${folder}_test WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
    set_tests_properties(${folder}_test PROPERTIES TIMEOUT 900)
  else()
    gtest_discover_tests(${folder}_test
      DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
      WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
      PROPERTIES TIMEOUT 600)
  endif()
endfunction()

foreach(folder base nn train io onnx explain edit document studies lab timing cli gfx platform ui)
  # The command line's tests run it as a program, which takes a shell: there is none under Node. The browser tests
  # run it there (build/web-cli/weightroom.js).
  if(NOT (EMSCRIPTEN AND folder STREQUAL "cli"))
    weightroom_tests(${folder})
  endif()
endforeach()
# A test of the command line runs the program itself.
if(TARGET cli_test AND TARGET weightroom)
  add_dependencies(cli_test weightroom)
endif()

# The arithmetic once more with one lane instead of eight: the recorded bits must be the same. Its objects come before
# the library nn at the link, so that nothing of that is taken.
if(NOT EMSCRIPTEN AND NOT WEIGHTROOM_SANITIZE)
  file(GLOB_RECURSE nn_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/nn/*.cpp")
  add_executable(one_lane_test ${nn_sources}
    "${PROJECT_SOURCE_DIR}/tests/nn/conv_kernels_test.cpp"
    "${PROJECT_SOURCE_DIR}/tests/nn/ops_test.cpp"
    "${PROJECT_SOURCE_DIR}/tests/timing/nets_test.cpp")
  target_compile_definitions(one_lane_test PRIVATE WEIGHTROOM_MAX_LANES=1)
  target_compile_options(one_lane_test PRIVATE -O1)
  weightroom_precompile(one_lane_test nn/op.h nn/ops/rules.h)
  target_link_libraries(one_lane_test PRIVATE own_code test_support timing GTest::gmock GTest::gtest_main)
  set_target_properties(one_lane_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  add_test(NAME one_lane_test COMMAND one_lane_test WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(one_lane_test PROPERTIES TIMEOUT 600)
endif()

# tests/fuzz/NAME_fuzz.cpp: LLVMFuzzerTestOneInput for one parser; corpus in tests/fuzz/corpus/NAME.
# A minute for all of them together.
if(WEIGHTROOM_FUZZ)
  file(GLOB fuzz_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/fuzz/*_fuzz.cpp")
  list(LENGTH fuzz_sources fuzz_count)
  if(fuzz_count)
    math(EXPR fuzz_seconds "(60 + ${fuzz_count} - 1) / ${fuzz_count}")
  endif()
  foreach(source IN LISTS fuzz_sources)
    get_filename_component(target "${source}" NAME_WE)
    string(REGEX REPLACE "_fuzz$" "" name "${target}")
    add_executable(${target} "${source}")
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    target_link_libraries(${target} PRIVATE own_code lab)
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
    # New inputs go to the build folder; the committed corpus is only read.
    set(found "${PROJECT_BINARY_DIR}/fuzz/${name}")
    file(MAKE_DIRECTORY "${found}")
    set(corpus "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name}")
    if(NOT IS_DIRECTORY "${corpus}")
      set(corpus "")
    endif()
    add_test(NAME ${target} COMMAND ${target}
      -max_total_time=${fuzz_seconds} -timeout=60 -rss_limit_mb=2048 -print_final_stats=1
      -artifact_prefix=${found}- "${found}" ${corpus})
    set_tests_properties(${target} PROPERTIES TIMEOUT 300)
  endforeach()
endif()

# Who includes whom (the self-test proves that the check can fail), and the format.
if(NOT EMSCRIPTEN)
  find_program(CLANG_FORMAT clang-format-19)
  mark_as_advanced(CLANG_FORMAT)
  if(CLANG_FORMAT)
    add_test(NAME format COMMAND "${PROJECT_SOURCE_DIR}/scripts/fmt" --check)
  endif()
  find_package(Python3 COMPONENTS Interpreter QUIET)
  if(Python3_FOUND)
    add_test(NAME include_direction
      COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/scripts/check_includes")
    add_test(NAME include_direction_catches_violations
      COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/scripts/check_includes" --self-test)
  endif()
endif()

# The page's JavaScript: by a linter, and by itself in Node. scripts/setup --native installs neither.
find_program(NODE NAMES node)
if(NODE AND EXISTS "${PROJECT_SOURCE_DIR}/node_modules/eslint" AND NOT EMSCRIPTEN AND NOT WEIGHTROOM_SANITIZE)
  add_test(NAME lint_javascript
    COMMAND "${NODE}" node_modules/eslint/bin/eslint.js --max-warnings 0 . WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  file(GLOB javascript_tests CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/javascript/*_test.mjs")
  add_test(NAME javascript_test COMMAND "${NODE}" --test ${javascript_tests} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
endif()

# bench/*.cpp: measurements with Google Benchmark.
file(GLOB bench_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/bench/*.cpp")
if(bench_sources AND NOT EMSCRIPTEN AND NOT WEIGHTROOM_SANITIZE)
  find_package(benchmark QUIET)
  if(benchmark_FOUND)
    add_executable(weightroom-bench ${bench_sources})
    target_link_libraries(weightroom-bench PRIVATE own_code lab benchmark::benchmark benchmark::benchmark_main)
    set_target_properties(weightroom-bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
  endif()
endif()

# tests/FOLDER/**_test.cpp become one program FOLDER_test. Natively each case is a ctest entry;
# under Node and the sanitizers, which start slowly, each program is one.
#
# The label "bits" (and the target of that name, which builds them) is on what must be tried in every build: what holds
# the bits, which a compiler or a processor may change, and what runs the command line. The sanitizers' tree has all
# tests; scripts/test runs the others there alone unless asked for --all. The label "long" is on what takes minutes.
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
add_custom_target(bits)
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

# A size has 32 bits under Node, so that reading files is tried there too.
set(bits_folders nn onnx explain timing cli)
if(EMSCRIPTEN)
  list(APPEND bits_folders base io)
endif()

set(longest_first studies ui lab explain cli nn timing train)

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
  # Optimising takes longer than it saves, but for oracles that loop; under the sanitizers for those too.
  if(folder MATCHES "^(nn|explain)$" AND NOT WEIGHTROOM_SANITIZE)
    target_compile_options(${folder}_test PRIVATE -O1)
  else()
    target_compile_options(${folder}_test PRIVATE -O0)
  endif()
  weightroom_for_node(${folder}_test -O1) # the link's own optimizer costs more than it gives here
  set(label all)
  if(folder IN_LIST bits_folders)
    set(label bits)
    add_dependencies(bits ${folder}_test)
  endif()
  if(EMSCRIPTEN OR WEIGHTROOM_SANITIZE)
    add_test(NAME ${folder}_test COMMAND ${folder}_test WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
    set_tests_properties(${folder}_test PROPERTIES TIMEOUT 900 LABELS ${label})
    # The longest are begun first, so that none is left to run alone at the end.
    list(FIND longest_first "${folder}" place)
    if(place GREATER -1)
      math(EXPR cost "100 - ${place}")
      set_tests_properties(${folder}_test PROPERTIES COST ${cost})
    endif()
  else()
    gtest_discover_tests(${folder}_test
      DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
      WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
      PROPERTIES TIMEOUT 600 LABELS ${label})
  endif()
endfunction()

foreach(folder base nn train teach io onnx explain edit document studies opener lab timing cli gfx platform ui)
  # The command line's tests run it as a program, which takes a shell: there is none under Node. The browser tests
  # run it there (build/web-cli/weightroom.js).
  if(NOT (EMSCRIPTEN AND folder STREQUAL "cli"))
    weightroom_tests(${folder})
  endif()
endforeach()
foreach(folder base ui)  # say their sentences in another language too
  if(TARGET ${folder}_test)
    add_dependencies(${folder}_test pseudo_language)
  endif()
endforeach()
if(TARGET document_test)
  target_compile_definitions(document_test PRIVATE WEIGHTROOM_SAMPLES="${WEIGHTROOM_TOOLCHAIN}/samples")
endif()
# A test of the command line runs the program itself.
if(TARGET cli_test AND TARGET weightroom)
  add_dependencies(cli_test weightroom)
  target_compile_definitions(cli_test PRIVATE WEIGHTROOM_PICTURES="${WEIGHTROOM_TOOLCHAIN}/pictures")
endif()
if(TARGET weightroom)  # the browser tests run it, natively and in Node
  add_dependencies(bits weightroom)
endif()

# The arithmetic once more with one lane instead of eight: the recorded bits must be the same. What includes simd.h,
# by other headers too, is compiled again; its objects come before the library nn at the link, so that none of those
# with eight lanes is taken from there.
if(NOT EMSCRIPTEN AND NOT WEIGHTROOM_SANITIZE)
  file(GLOB_RECURSE nn_files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/nn/*.h" "${PROJECT_SOURCE_DIR}/src/nn/*.cpp")
  set(with_lanes "${PROJECT_SOURCE_DIR}/src/nn/kernels/simd.h")
  set(names "nn/kernels/simd\\.h")
  set(before 0)
  set(after 1)
  while(NOT before EQUAL after)
    list(LENGTH with_lanes before)
    foreach(file IN LISTS nn_files)
      file(STRINGS "${file}" lines REGEX "#include \"(${names})\"")
      if(NOT lines OR file IN_LIST with_lanes)
        continue()
      endif()
      list(APPEND with_lanes "${file}")
      if(file MATCHES "\\.h$")
        file(RELATIVE_PATH name "${PROJECT_SOURCE_DIR}/src" "${file}")
        string(REPLACE "." "\\." name "${name}")
        string(APPEND names "|${name}")
      endif()
    endforeach()
    list(LENGTH with_lanes after)
  endwhile()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${nn_files})
  list(FILTER with_lanes INCLUDE REGEX "\\.cpp$")
  add_executable(one_lane_test ${with_lanes}
    "${PROJECT_SOURCE_DIR}/tests/nn/conv_kernels_test.cpp"
    "${PROJECT_SOURCE_DIR}/tests/nn/ops_test.cpp"
    "${PROJECT_SOURCE_DIR}/tests/timing/nets_test.cpp")
  target_compile_definitions(one_lane_test PRIVATE WEIGHTROOM_MAX_LANES=1)
  target_compile_options(one_lane_test PRIVATE -O1)
  weightroom_precompile(one_lane_test nn/op.h nn/ops/rules.h)
  target_link_libraries(one_lane_test PRIVATE own_code test_support timing GTest::gmock GTest::gtest_main)
  set_target_properties(one_lane_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  add_test(NAME one_lane_test COMMAND one_lane_test WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(one_lane_test PROPERTIES TIMEOUT 600 LABELS bits)
  add_dependencies(bits one_lane_test)
endif()

# What files take in memory. The allocator counts, so that this is a program of its own, without the sanitizers' one.
if(NOT EMSCRIPTEN AND NOT WEIGHTROOM_SANITIZE AND TARGET lab)
  file(GLOB memory_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/memory/*.cpp")
  add_executable(memory_test ${memory_sources})
  target_compile_options(memory_test PRIVATE -O1)
  target_link_libraries(memory_test PRIVATE own_code test_support lab GTest::gmock GTest::gtest_main)
  set_target_properties(memory_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  add_test(NAME memory_test COMMAND memory_test WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(memory_test PROPERTIES TIMEOUT 600 COST 100 LABELS bits)
  add_dependencies(bits memory_test)
endif()

# tests/fuzz/NAME_fuzz.cpp: LLVMFuzzerTestOneInput for one parser; corpus in tests/fuzz/corpus/NAME. NAME_fuzz runs
# that corpus alone; NAME_fuzz_search looks for more, a minute for all of them together.
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
    # What reads files alone links little; the others get the whole laboratory.
    set(uses lab)
    if(name MATCHES "^(graph_json|idx|image|labels|model_file|safetensors|tar)$")
      set(uses io)
    elseif(name MATCHES "^(onnx|opener)$")
      set(uses ${name})
    elseif(name STREQUAL "command")
      set(uses studies)
    endif()
    target_link_libraries(${target} PRIVATE own_code ${uses})
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
    # New inputs go to the build folder; the committed corpus is only read.
    set(found "${PROJECT_BINARY_DIR}/fuzz/${name}")
    file(MAKE_DIRECTORY "${found}")
    set(corpus "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name}")
    if(NOT IS_DIRECTORY "${corpus}")
      message(FATAL_ERROR "The fuzz target ${target} has no corpus: ${corpus} is not there.")
    endif()
    set(limits -timeout=60 -rss_limit_mb=2048 -artifact_prefix=${found}-)
    add_test(NAME ${target} COMMAND ${target} -runs=0 ${limits} ${corpus})
    add_test(NAME ${target}_search COMMAND ${target}
      -max_total_time=${fuzz_seconds} -print_final_stats=1 ${limits} "${found}" ${corpus})
    set_tests_properties(${target} PROPERTIES TIMEOUT 300 LABELS all)
    set_tests_properties(${target}_search PROPERTIES TIMEOUT 300 LABELS long)
  endforeach()
endif()

# What reads the sources: who includes whom, who knows ops by name, the format, how many seeds the fuzz targets have,
# whether docs/methods.md is what the program lists.
# The self-tests prove that the checks can fail.
if(NOT EMSCRIPTEN AND NOT WEIGHTROOM_SANITIZE)
  find_program(CLANG_FORMAT clang-format-19)
  mark_as_advanced(CLANG_FORMAT)
  if(CLANG_FORMAT)
    add_test(NAME format COMMAND "${PROJECT_SOURCE_DIR}/scripts/fmt" --check)
    set_tests_properties(format PROPERTIES LABELS bits)
  endif()
  find_package(Python3 COMPONENTS Interpreter QUIET)
  if(Python3_FOUND)
    add_test(NAME strings COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/scripts/check_strings")
    add_test(NAME strings_catches_faults
      COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/scripts/check_strings" --self-test)
    add_test(NAME include_direction
      COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/scripts/check_includes")
    add_test(NAME include_direction_catches_violations
      COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/scripts/check_includes" --self-test)
    add_test(NAME fuzz_seeds
      COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/tests/fuzz/make_seeds.py" --check)
    add_test(NAME fuzz_seeds_catches_few
      COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/tests/fuzz/make_seeds.py" --self-test)
    add_test(NAME op_names COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/scripts/check_op_names")
    add_test(NAME op_names_catches_violations
      COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/scripts/check_op_names" --self-test)
    if(TARGET weightroom)
      add_test(NAME methods_page
        COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/scripts/methods_page" --check "$<TARGET_FILE:weightroom>")
      add_test(NAME methods_page_catches_changes
        COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/scripts/methods_page" --self-test)
      set_tests_properties(methods_page methods_page_catches_changes PROPERTIES LABELS bits)
    endif()
    set_tests_properties(strings strings_catches_faults include_direction include_direction_catches_violations op_names
      op_names_catches_violations fuzz_seeds fuzz_seeds_catches_few PROPERTIES LABELS bits)
  endif()
endif()

# ONNX's own node tests, which come with Debian's Python package of it; skipped where that is not installed.
if(NOT EMSCRIPTEN AND NOT WEIGHTROOM_SANITIZE AND TARGET weightroom AND EXISTS /usr/bin/python3)
  add_test(NAME onnx_node_tests
    COMMAND /usr/bin/python3 "${PROJECT_SOURCE_DIR}/tests/onnx/node_tests.py" "$<TARGET_FILE:weightroom>")
  set_tests_properties(onnx_node_tests PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77 LABELS bits)
endif()

# The program as a notebook uses it: with Debian's Python and nothing else.
if(NOT EMSCRIPTEN AND NOT WEIGHTROOM_SANITIZE AND TARGET weightroom AND EXISTS /usr/bin/python3)
  add_test(NAME notebook
    COMMAND /usr/bin/python3 "${PROJECT_SOURCE_DIR}/tests/cli/notebook_test.py" "$<TARGET_FILE:weightroom>")
  set_tests_properties(notebook PROPERTIES TIMEOUT 300 LABELS bits)
endif()

# The page's JavaScript: by a linter, and by itself in Node. scripts/setup --native installs neither.
find_program(NODE NAMES node)
if(NODE AND EXISTS "${PROJECT_SOURCE_DIR}/node_modules/eslint" AND NOT EMSCRIPTEN AND NOT WEIGHTROOM_SANITIZE)
  add_test(NAME lint_javascript
    COMMAND "${NODE}" node_modules/eslint/bin/eslint.js --max-warnings 0 . WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  file(GLOB javascript_tests CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/javascript/*_test.mjs")
  add_test(NAME javascript_test COMMAND "${NODE}" --test ${javascript_tests} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(lint_javascript javascript_test PROPERTIES LABELS bits)
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

# How far maps can be trusted, over a labelled set of one's own (docs/methods.md).
if(TARGET cli AND NOT EMSCRIPTEN AND NOT WEIGHTROOM_SANITIZE)
  add_executable(weightroom-maps "${PROJECT_SOURCE_DIR}/bench/maps/maps.cpp")
  target_link_libraries(weightroom-maps PRIVATE own_code cli)
  set_target_properties(weightroom-maps PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
endif()

# What is installed or packed, as others would use it.
if(NODE AND EMSCRIPTEN AND TARGET weightroom)
  add_test(NAME package_npm COMMAND "${NODE}" --test "${PROJECT_SOURCE_DIR}/tests/package/npm_test.mjs")
  set_tests_properties(package_npm PROPERTIES TIMEOUT 300 LABELS bits)
endif()
if(NOT EMSCRIPTEN AND NOT WEIGHTROOM_SANITIZE AND TARGET weightroom)
  add_test(NAME package_engine COMMAND "${CMAKE_COMMAND}" "-DSOURCE=${PROJECT_SOURCE_DIR}" "-DBINARY=${PROJECT_BINARY_DIR}"
    "-DCOMPILER=${CMAKE_CXX_COMPILER}" "-DPICTURE=${WEIGHTROOM_TOOLCHAIN}/samples/cat.jpg"
    -P "${PROJECT_SOURCE_DIR}/tests/package/engine_test.cmake")
  set_tests_properties(package_engine PROPERTIES TIMEOUT 600 LABELS bits)
  add_dependencies(bits explain onnx)
endif()

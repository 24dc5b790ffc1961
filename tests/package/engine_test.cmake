# The engine as a package: installed into a folder of its own, built against by examples/engine, which must give the
# classes that the installed command line gives; each installed header compiles by itself; bad input is a sentence.
#
#   cmake -DSOURCE= -DBINARY= -DCOMPILER= -DPICTURE= -P engine_test.cmake
set(work "${BINARY}/tests/package")
set(prefix "${work}/prefix")
file(REMOVE_RECURSE "${work}")

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARGN}\nended with ${code}:\n${out}${err}")
  endif()
  set(out "${out}" PARENT_SCOPE)
endfunction()

run("${CMAKE_COMMAND}" --install "${BINARY}" --prefix "${prefix}")
run("${CMAKE_COMMAND}" -S "${SOURCE}/examples/engine" -B "${work}/build" "-DCMAKE_PREFIX_PATH=${prefix}"
  "-DCMAKE_CXX_COMPILER=${COMPILER}" -DCMAKE_CXX_FLAGS=-Werror -DCMAKE_BUILD_TYPE=Debug)
run("${CMAKE_COMMAND}" --build "${work}/build")

# Five lines "share TAB label", as the command line's first five predictions; then the place.
set(model "${prefix}/share/weightroom/everyday.safetensors")
run("${work}/build/classes" "${model}" "${PICTURE}")
string(STRIP "${out}" out)
string(REPLACE "\n" ";" lines "${out}")
run("${CMAKE_COMMAND}" -E env --unset=WEIGHTROOM_ASSETS "${prefix}/bin/weightroom" classify "${PICTURE}" --json)
foreach(place RANGE 4)
  string(JSON label GET "${out}" predictions ${place} label)
  string(JSON share GET "${out}" predictions ${place} probability)
  list(GET lines ${place} line)
  if(NOT line MATCHES "^ *([0-9.]+)\t(.*)$" OR NOT CMAKE_MATCH_2 STREQUAL label)
    message(FATAL_ERROR "Line ${place} says '${line}', the command line '${label}'.")
  endif()
  execute_process(COMMAND awk "BEGIN { d = ${share} * 100 - ${CMAKE_MATCH_1}; exit !(d < 0.0051 && d > -0.0051) }"
    RESULT_VARIABLE apart)
  if(apart)
    message(FATAL_ERROR "Line ${place} says '${line}', the command line ${share}.")
  endif()
endforeach()
list(GET lines 5 line)
if(NOT line MATCHES "^Grad-CAM is strongest in row [1-4] of 4, column [1-4] of 4\\.$")
  message(FATAL_ERROR "Line 5 says '${line}'.")
endif()

execute_process(COMMAND "${work}/build/classes" "${model}" "${CMAKE_CURRENT_LIST_FILE}"
  RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE err)
if(NOT code EQUAL 1 OR NOT err MATCHES "^classes: [^\n]*\\.\n$" OR NOT out STREQUAL "")
  message(FATAL_ERROR "No picture gave ${code}: ${out}${err}")
endif()

# Headers stand by themselves and need no package: one object each would take a minute, so that they are included in turn,
# both from the first to the last and back.
file(GLOB_RECURSE headers RELATIVE "${prefix}/include/weightroom" "${prefix}/include/weightroom/*.h")
list(FILTER headers EXCLUDE REGEX "^strings/")  # parts of one enum, included by others
list(LENGTH headers count)
if(count LESS 60)
  message(FATAL_ERROR "Only ${count} headers were installed.")
endif()
foreach(order forward backward)
  list(TRANSFORM headers REPLACE "(.+)" "#include \"\\1\"" OUTPUT_VARIABLE text)
  list(JOIN text "\n" text)
  file(WRITE "${work}/${order}.cpp" "${text}\n")
  run("${COMPILER}" -std=c++23 -fsyntax-only "-I${prefix}/include/weightroom" "${work}/${order}.cpp")
  list(REVERSE headers)
endforeach()

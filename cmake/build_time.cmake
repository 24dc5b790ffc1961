# Reading headers is most of what compiling takes here, and everything is built five times (native, sanitized, and three
# times wasm). Two ways to read them less often; a file still has to include what it uses, and
# -DWEIGHTROOM_COMPILE_APART=ON, which compiles each file by itself, shows who does not.
option(WEIGHTROOM_COMPILE_APART "Each file by itself, without precompiled headers" OFF)

# weightroom_together(TARGET COUNT [BUT regex]): so many files are compiled as one. Names in their anonymous namespaces
# have to differ, which the compiler tells.
function(weightroom_together target count)
  cmake_parse_arguments(arg "" "BUT" "" ${ARGN})
  if(WEIGHTROOM_COMPILE_APART)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${count})
  if(arg_BUT)
    get_target_property(apart ${target} SOURCES)
    list(FILTER apart INCLUDE REGEX "${arg_BUT}")
    set_source_files_properties(${apart} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

# weightroom_precompile(TARGET headers...): for folders of which every file is a thing of one kind, an op or a method,
# and calls its parts alike (infer, forward, backward).
set(CMAKE_PCH_PROLOGUE "")  # else our own headers would be the system's, without warnings
function(weightroom_precompile target)
  if(WEIGHTROOM_COMPILE_APART OR NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    return()
  endif()
  set(headers <algorithm> <array> <cmath> <cstdint> <functional> <limits> <map> <memory> <optional> <span> <string>
    <string_view> <utility> <vector>)
  foreach(header IN LISTS ARGN)
    if(header MATCHES "^<")
      list(APPEND headers "${header}")
    elseif(EXISTS "${PROJECT_SOURCE_DIR}/src/${header}")
      list(APPEND headers "${PROJECT_SOURCE_DIR}/src/${header}")
    else()
      list(APPEND headers "${PROJECT_SOURCE_DIR}/tests/${header}")
    endif()
  endforeach()
  target_precompile_headers(${target} PRIVATE ${headers})
  # The same headers give the same bytes, which is what ccache goes by.
  target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
endfunction()

# weightroom_apart(COMPILE_OPTIONS sources...): these files have options of their own, so that they are compiled by
# themselves.
function(weightroom_apart options)
  set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS ${options})
  set_property(SOURCE ${ARGN} PROPERTY SKIP_PRECOMPILE_HEADERS ON)
endfunction()

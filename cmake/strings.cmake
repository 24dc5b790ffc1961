# Sentences by key: assets/strings/LANGUAGE.json becomes <strings/AREA.h>, which everything may include, and the English
# table inside the program. strings.py says what the files look like.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(english "${PROJECT_SOURCE_DIR}/assets/strings/en.json")
set(strings_py "${PROJECT_SOURCE_DIR}/cmake/strings.py")
set(strings_dir "${PROJECT_BINARY_DIR}/strings")
# A new area is a new header.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${english}" "${strings_py}")
execute_process(COMMAND "${Python3_EXECUTABLE}" "${strings_py}" --areas "${english}"
  OUTPUT_VARIABLE areas COMMAND_ERROR_IS_FATAL ANY)
list(TRANSFORM areas REPLACE "(.+)" "${strings_dir}/include/strings/\\1.h" OUTPUT_VARIABLE headers)

# Written where they have changed alone, so that a new sentence compiles its own area again and no other.
add_custom_command(
  OUTPUT ${headers} "${strings_dir}/english.cpp" "${strings_dir}/names.cpp"
  COMMAND "${Python3_EXECUTABLE}" "${strings_py}" --headers "${english}" "${strings_dir}/include/strings"
  COMMAND "${Python3_EXECUTABLE}" "${strings_py}" --source "${english}" "${strings_dir}/english.cpp"
  COMMAND "${Python3_EXECUTABLE}" "${strings_py}" --names "${english}" "${strings_dir}/names.cpp"
  DEPENDS "${english}" "${strings_py}"
  COMMENT "Sentences by key"
  VERBATIM)
target_sources(base PRIVATE ${headers} "${strings_dir}/english.cpp" "${strings_dir}/names.cpp")
target_include_directories(base PUBLIC "$<BUILD_INTERFACE:${strings_dir}/include>")

# A language that nobody speaks, 40 % longer and in accents: the tests draw every panel in it.
add_custom_command(
  OUTPUT "${strings_dir}/pseudo.bin"
  COMMAND "${Python3_EXECUTABLE}" "${strings_py}" --pseudo "${english}" "${strings_dir}/pseudo.json"
  COMMAND "${Python3_EXECUTABLE}" "${strings_py}" --table "${english}" "${strings_dir}/pseudo.json" "${strings_dir}/pseudo.bin"
  DEPENDS "${english}" "${strings_py}"
  COMMENT "The pseudo-language"
  VERBATIM)
add_custom_target(pseudo_language DEPENDS "${strings_dir}/pseudo.bin")

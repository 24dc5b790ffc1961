# web/bench: the engine alone as wasm, beside which other engines are timed. Goes to dist/bench.
add_executable(weightroom-engine "${PROJECT_SOURCE_DIR}/src/timing/engine.cpp")
target_link_libraries(weightroom-engine PRIVATE own_code base nn io onnx timing json)
if(WEIGHTROOM_THREADS)
  set(engine engine-threads)
  set(environment -sENVIRONMENT=web,worker,node -sEXPORT_NAME=createEngineThreads)
else()
  set(engine engine)
  set(environment -sENVIRONMENT=web,node -sEXPORT_NAME=createEngine)
endif()
set_target_properties(weightroom-engine PROPERTIES OUTPUT_NAME ${engine} SUFFIX .js)
target_link_options(weightroom-engine PRIVATE
  ${environment} -sMODULARIZE
  -sALLOW_MEMORY_GROWTH=1 -sSTACK_SIZE=1MB -sFILESYSTEM=0 -sDYNAMIC_EXECUTION=0
  -sEXPORTED_FUNCTIONS=_main,_malloc,_free,_weightroom_bench
  -sEXPORTED_RUNTIME_METHODS=UTF8ToString,stringToNewUTF8,HEAPU8)

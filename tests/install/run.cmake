# cmake -DBUILD=.. -DSOURCE=.. -DWORK=.. -DMODEL_MAKER=.. -P run.cmake: installs the build into a
# prefix of its own, builds the consumer against it, runs its programs on a tiny network.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output
                  ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN}\nexit ${result}\n${output}")
  endif()
  message(STATUS "${output}")
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} -S ${SOURCE}/tests/install -B ${WORK}/build -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_PREFIX_PATH=${WORK}/prefix -DEXAMPLES=${SOURCE}/examples)
run(${CMAKE_COMMAND} --build ${WORK}/build)

run(${MODEL_MAKER} ${WORK}/tiny.onnx)
run(${WORK}/prefix/bin/weq convert ${WORK}/tiny.onnx -o ${WORK}/tiny.weq --calib random)
run(${WORK}/build/c_classify ${WORK}/tiny.weq)
run(${WORK}/build/cpp_classify ${WORK}/tiny.weq)
run(${WORK}/build/convert_twice ${WORK}/tiny.onnx ${WORK}/again.weq)
execute_process(COMMAND ${WORK}/build/c_classify ${WORK}/tiny.weq OUTPUT_VARIABLE c)
execute_process(COMMAND ${WORK}/build/cpp_classify ${WORK}/tiny.weq OUTPUT_VARIABLE cpp)
if(NOT c STREQUAL cpp OR NOT c MATCHES "^class [0-6], score ")
  message(FATAL_ERROR "C says ${c}, C++ says ${cpp}")
endif()

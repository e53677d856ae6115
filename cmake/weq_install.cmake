# cmake --install: headers, libraries, the command line and find_package(weq), which gives
# weq::engine and, where its dependencies are found, weq::converters.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/weq)

set_target_properties(weq_options PROPERTIES EXPORT_NAME options)
set_target_properties(weq_kernels PROPERTIES EXPORT_NAME kernels)
set_target_properties(weq_engine PROPERTIES EXPORT_NAME engine)
target_include_directories(weq_engine INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
add_library(weq::engine ALIAS weq_engine)
install(TARGETS weq_options weq_kernels weq_engine EXPORT weq_engine_targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT weq_engine_targets NAMESPACE weq:: DESTINATION ${package_dir})
install(DIRECTORY engine/include/weq DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

if(WEQ_CONVERTERS)
  # Their headers name each other as converters/...: a folder of their own keeps that apart.
  set(converters_include ${CMAKE_INSTALL_INCLUDEDIR}/weq/with_converters)
  set_target_properties(weq_converters PROPERTIES EXPORT_NAME converters)
  target_include_directories(weq_converters INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                                      $<INSTALL_INTERFACE:${converters_include}>)
  add_library(weq::converters ALIAS weq_converters)
  install(TARGETS weq_converters EXPORT weq_converters_targets
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT weq_converters_targets NAMESPACE weq:: DESTINATION ${package_dir})
  install(FILES converters/convert.h DESTINATION ${converters_include}/converters)
  foreach(folder ir data float onnx passes quantize report)
    install(DIRECTORY converters/${folder} DESTINATION ${converters_include}/converters
            FILES_MATCHING PATTERN "*.h")
  endforeach()
  install(TARGETS weq RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/weqConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES cmake/weqConfig.cmake cmake/Finddnnl.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/weqConfigVersion.cmake
        DESTINATION ${package_dir})

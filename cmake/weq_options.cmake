# What every target of the tree is compiled with.
add_library(weq_options INTERFACE)
target_compile_options(weq_options INTERFACE -Wall -Wextra -Wconversion -Wno-sign-conversion
                                             -ffp-contract=off)
target_include_directories(weq_options INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
if(WEQ_SANITIZE)
  target_compile_options(weq_options INTERFACE -fsanitize=${WEQ_SANITIZE} -fno-omit-frame-pointer
                                               -fno-sanitize-recover=all)
  if(WEQ_SANITIZE MATCHES "undefined")  # the runtime has no RTTI, which the vptr check wants
    target_compile_options(weq_options INTERFACE -fno-sanitize=vptr)
  endif()
  target_link_options(weq_options INTERFACE -fsanitize=${WEQ_SANITIZE})
endif()

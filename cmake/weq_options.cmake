# What every target of the tree is compiled with.
add_library(weq_options INTERFACE)
target_compile_options(weq_options INTERFACE -Wall -Wextra -Wconversion -Wno-sign-conversion
                                             -ffp-contract=off)
target_include_directories(weq_options INTERFACE ${PROJECT_SOURCE_DIR})
if(WEQ_SANITIZE)
  target_compile_options(weq_options INTERFACE -fsanitize=${WEQ_SANITIZE} -fno-omit-frame-pointer
                                               -fno-sanitize-recover=all)
  target_link_options(weq_options INTERFACE -fsanitize=${WEQ_SANITIZE})
endif()

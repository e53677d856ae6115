# cmake --install: headers, libraries, the command line and find_package(weq).
include(GNUInstallDirs)

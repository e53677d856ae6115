#include "cli/commands.h"

int main(int argc, char** argv) { return weq::cli::run(argc, argv); }

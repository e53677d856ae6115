#include <cstdio>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/errors.h"

namespace weq::cli {
namespace {

constexpr const char* kFooter =
    "A first round:\n"
    "  weq convert net.onnx -o net.weq --preprocess net.json --calib photos/ -w 4 -a 4\n"
    "  weq compare net.onnx net.weq --data photos/\n"
    "  weq run net.weq cat.jpg\n"
    "\n"
    "weq COMMAND --help explains a command, with an example.\n"
    "Exit codes: 0 done, 1 the answer is no, 2 wrong usage, 3 bad input, 4 out of memory or disk.";

// CLI11 prints help and version itself; everything else it reports is wrong usage.
int report_parse(CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);
  std::string where = "weq";
  for (const CLI::App* chosen : app.get_subcommands()) where += " " + chosen->get_name();
  print_error(std::string(error.what()) + "; see " + where + " --help");
  return kWrongUsage;
}

bool has_command(CLI::App& app, const std::string& name) {
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (sub->get_name() == name) return true;
  }
  return false;
}

}  // namespace

int run(int argc, char** argv) {
  CLI::App app{"weq: low-bit inference by weighted-entropy quantization", "weq"};
  app.set_version_flag("--version", "weq " WEQ_VERSION, "Print the version");
  app.require_subcommand(1);
  app.footer(kFooter);
  Command command;
  add_convert(app, &command);
  add_run(app, &command);
  add_eval(app, &command);
  add_compare(app, &command);
  add_bench(app, &command);
  add_inspect(app, &command);
  add_validate(app, &command);
  if (argc > 1 && argv[1][0] != '-' && !has_command(app, argv[1])) {
    print_error(std::string("there is no command ") + argv[1] + "; see weq --help");
    return kWrongUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report_parse(app, error);
  }
  const int code = guarded("", command);
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    print_error("standard output cannot be written; free some space");
    return kOutOfResources;
  }
  return code;
}

}  // namespace weq::cli

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/json.h"
#include "weq/weq.hpp"

namespace weq::cli {
namespace {

struct Arguments {
  std::vector<std::string> files;
  bool json = false;
};

int validate(const Arguments& arguments) {
  bool damaged = false, unreadable = false;
  Json files = Json::array();
  for (const std::string& file : arguments.files) {
    std::shared_ptr<const Model> model;
    const Status status = Model::from_file(file, &model);
    std::string message = status.message();
    if (message.compare(0, 5, "weq: ") == 0) message.erase(0, 5);
    if (status.code() == StatusCode::kOutOfMemory) {
      print_error(message);
      return kOutOfResources;
    }
    unreadable = unreadable || status.code() == StatusCode::kIo;
    damaged = damaged || (!status.ok() && status.code() != StatusCode::kIo);
    files.push_back({{"file", file}, {"ok", status.ok()}, {"message", message}});
    if (!status.ok()) {
      print_error(message.find(file) == std::string::npos ? file + ": " + message : message);
    } else if (!arguments.json) {
      std::printf("%s: ok\n", file.c_str());
    }
  }
  if (arguments.json) {
    Json out{{"ok", !damaged && !unreadable}, {"files", std::move(files)}};
    print(out);
  }
  return unreadable ? kBadInput : damaged ? kAnswerIsNo : kDone;
}

}  // namespace

void add_validate(CLI::App& app, Command* command) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* sub = app.add_subcommand("validate", "Check .weq files as the engine does on load");
  sub->add_option("MODEL", arguments->files, "Files to check")
      ->type_name("FILE.weq...")
      ->required();
  sub->add_flag("--json", arguments->json, "One JSON object on stdout");
  sub->footer("Example:\n  weq validate net.weq && echo intact\nExit code 1: damaged.");
  sub->callback([=] { *command = [arguments] { return validate(*arguments); }; });
}

}  // namespace weq::cli

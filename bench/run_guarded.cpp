#include "bench/run_guarded.h"

#include <cstdio>

#include "converters/ir/errors.h"

namespace weq::bench {
namespace {

enum Exit { kDone = 0, kUsage = 2, kBadInput = 3, kResources = 4 };

int fail(const std::exception& error, Exit code) {
  std::fprintf(stderr, "weq: %s\n", error.what());
  return code;
}

}  // namespace

int run_guarded(CLI::App* app, int argc, char** argv, const std::function<void()>& run) {
  try {
    app->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app->exit(error) == 0 ? kDone : kUsage;
  }
  try {
    run();
    return kDone;
  } catch (const convert::UsageError& error) {
    return fail(error, kUsage);
  } catch (const convert::ResourceError& error) {
    return fail(error, kResources);
  } catch (const convert::ConvertError& error) {
    return fail(error, kBadInput);
  } catch (const std::exception& error) {
    return fail(error, kResources);
  }
}

}  // namespace weq::bench

#include "cli/errors.h"

#include <cstdio>
#include <new>
#include <system_error>

#include "cli/commands.h"
#include "converters/ir/errors.h"

namespace weq::cli {

void print_error(const std::string& message) { std::fprintf(stderr, "weq: %s\n", message.c_str()); }

int guarded(const std::string& file, const std::function<int()>& work) {
  const auto report = [&](const std::string& message, bool names_file, int code) {
    names_file = names_file || file.empty() || message.find(file) != std::string::npos;
    print_error(names_file ? message : file + ": " + message);
    return code;
  };
  try {
    return work();
  } catch (const convert::FileError& error) {
    return report(error.what(), true, kBadInput);
  } catch (const convert::ResourceError& error) {
    return report(error.what(), false, kOutOfResources);
  } catch (const convert::UsageError& error) {
    return report(error.what(), true, kWrongUsage);
  } catch (const convert::ConvertError& error) {
    return report(error.what(), false, kBadInput);
  } catch (const std::bad_alloc&) {
    return report("out of memory; use a smaller batch or fewer threads", false, kOutOfResources);
  } catch (const std::system_error& error) {
    return report(std::string(error.what()) + "; use fewer threads", false, kOutOfResources);
  }
}

}  // namespace weq::cli

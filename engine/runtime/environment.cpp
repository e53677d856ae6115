#include "engine/runtime/environment.h"

#include <cstdlib>

#include "engine/runtime/select_conv.h"

namespace weq {
namespace {

std::string from_environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? "" : value;
}

std::string available_isas() {
  std::string names;
  for (int i = 0; i < kernels::kIsaCount; ++i) {
    const auto isa = static_cast<kernels::Isa>(i);
    if (kernels::isa_available(isa))
      names += (names.empty() ? "" : ", ") + std::string(kernels::isa_name(isa));
  }
  return names;
}

}  // namespace

Status resolve_isa(const std::string& name, kernels::Isa* isa) {
  const std::string wanted = name.empty() ? from_environment("WEQ_FORCE_ISA") : name;
  if (wanted.empty()) {
    *isa = kernels::best_isa();
    return {};
  }
  const std::string quoted = "weq: isa \"" + wanted + "\": ";
  if (!kernels::isa_from_name(wanted.c_str(), isa))
    return Status(StatusCode::kInvalidArgument,
                  quoted + "unknown; valid names: " + kernels::isa_names());
  if (!kernels::isa_available(*isa))
    return Status(StatusCode::kInvalidArgument,
                  quoted + "not on this machine; available: " + available_isas());
  return {};
}

Status resolve_kernel(const std::string& name, std::string* family) {
  const std::string wanted = name.empty() ? from_environment("WEQ_FORCE_KERNEL") : name;
  if (!wanted.empty() && !is_kernel_family(wanted))
    return Status(StatusCode::kInvalidArgument,
                  "weq: kernel \"" + wanted + "\": unknown; valid names: " + kernel_families());
  *family = wanted;
  return {};
}

}  // namespace weq

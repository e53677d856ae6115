#include "bench/networks/list.h"

namespace weq::bench {
namespace {

constexpr NetworkEntry kNetworks[] = {
#define WEQ_NETWORK(name) {#name, make_##name},
#include "bench/networks/networks.inc"
#undef WEQ_NETWORK
};

}  // namespace

const NetworkEntry* find_network(const std::string& name) {
  for (const NetworkEntry& entry : kNetworks)
    if (name == entry.name) return &entry;
  return nullptr;
}

std::string network_names() {
  std::string names;
  for (const NetworkEntry& entry : kNetworks)
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
  return names;
}

}  // namespace weq::bench

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

std::vector<std::string> all_networks() {
  std::vector<std::string> names;
  for (const NetworkEntry& entry : kNetworks) names.emplace_back(entry.name);
  return names;
}

std::string network_names() {
  std::string names;
  for (const std::string& name : all_networks()) names += (names.empty() ? "" : ", ") + name;
  return names;
}

}  // namespace weq::bench

// The networks that can be generated, by name. A new one is a file here and a line in networks.inc.
#pragma once

#include <string>
#include <vector>

namespace weq::bench {

// Returns the network as ONNX bytes.
using MakeNetwork = std::string (*)();

struct NetworkEntry {
  const char* name;
  MakeNetwork make;
};

// Null where there is none of that name.
const NetworkEntry* find_network(const std::string& name);
std::vector<std::string> all_networks();
// All names, for messages.
std::string network_names();

#define WEQ_NETWORK(name) std::string make_##name();
#include "bench/networks/networks.inc"
#undef WEQ_NETWORK

}  // namespace weq::bench

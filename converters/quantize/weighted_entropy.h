// Clusters of largest weighted entropy on one list of magnitudes (quantization.md, section 1).
#pragma once

#include <cstddef>
#include <vector>

#include "converters/quantize/codebook.h"
#include "converters/quantize/weight_list.h"

namespace weq::convert {

// Lists longer than this are searched on groups first.
inline constexpr size_t kExactLimit = 100000;

struct EntropyProblem {
  const WeightList* magnitudes = nullptr;  // not empty
  double total = 0;                        // N: all weights of the layer
  size_t clusters = 0;                     // >= 1, the zero cluster included
  bool zero_cluster = false;               // the first cluster reads as 0 and adds nothing to S
};

struct EntropyClusters {
  // Cluster n is [cuts[n], cuts[n + 1]) of the list. The first may be empty where it is the zero
  // cluster and there are fewer magnitudes than clusters.
  std::vector<size_t> cuts;
  double entropy = 0;  // this list's part of S
  bool grouped = false;
};

// `start`: magnitudes at which clusters begin (without the first), for the local search; used if
// their number fits.
EntropyClusters cluster_entropy(const EntropyProblem& problem, Search search,
                                const std::vector<double>& start);

}  // namespace weq::convert

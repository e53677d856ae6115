// Weights of one layer -> a codebook of real levels (quantization.md, section 1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weq::convert {

enum class Criterion {
  kWeightedEntropy,  // the paper: sum of -I_n P_n log P_n, maximised
  kMse,              // squared error, minimised
  kOutput,           // squared error weighted by the mean square of the input a weight meets
};

enum class Scheme {
  kSymmetric,  // magnitudes are clustered, levels are +-r (the authors' own code)
  kSplit,      // non-negative and negative weights are clustered apart
};

enum class Search { kExact, kLocal };

struct CodebookOptions {
  int levels = 16;                     // 2..256
  Scheme scheme = Scheme::kSymmetric;  // of weighted entropy
  Search search = Search::kExact;
  Criterion criterion = Criterion::kMse;
  // kMse and kOutput cluster signed weights in one list; true: magnitudes, levels are +-r.
  bool mirrored = false;
  // Keeps an even count where many weights are exactly 0 (else the next odd one, so 0 stays exact).
  bool paper = false;
  // kLocal: where to start, as `Codebook::boundaries` of an earlier result with the same number of
  // levels; else (or with another count) boundaries at equal counts.
  std::vector<float> start;
};

// A weight w has the level with index `number of boundaries <= w`.
struct Codebook {
  std::vector<float> levels;      // ascending, distinct; as many as remain after merges
  std::vector<float> boundaries;  // levels.size() - 1, ascending: by cluster membership for
                                  // weighted entropy, midway between neighbours for the others
  double objective = 0;           // S of the weighted entropy, or the (weighted) mean squared error
  bool grouped =
      false;  // more than 10^5 distinct values: searched on groups, then on the full list
  bool zero_kept = false;  // an even count gave way to an odd one because zeros are many
};

// `weights`: all weights of a layer, already divided by their channel's scale; finite.
// `importance`: kOutput only, one per weight, >= 0; else null. Deterministic; permuting the weights
// changes nothing. Cost: below a second for 2.4 million weights and 16 levels. Throws
// std::invalid_argument on a bad level count or an empty list.
Codebook cluster_weights(const float* weights, const float* importance, size_t count,
                         const CodebookOptions& options);

// Index of the level of `weight`.
int assign(const Codebook& codebook, float weight);

}  // namespace weq::convert

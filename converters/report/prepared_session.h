// Sessions to be timed: noise at the inputs, everything else done ahead.
#pragma once

#include <memory>
#include <vector>

#include "converters/float/layer_runner.h"
#include "converters/report/network.h"

namespace weq::convert {

// Seeded noise for every input, `batch` records each.
std::vector<Tensor> noise_inputs(const Network& network, int64_t batch);

// A session with its inputs set, and what it needs to live.
struct PreparedSession {
  std::unique_ptr<FloatRunner> float_layers = make_layer_runner();
  std::unique_ptr<Session> session;
};

// Of a .weq file. Throws ConvertError.
PreparedSession make_session(const Network& network, const RunnerOptions& options);

}  // namespace weq::convert

// One operator of the runtime: what its file in this folder provides. The list is ops.inc; adding
// an operator is one file here and one line there (and a table in weq.fbs).
//
//   check   once, when a file is opened: all that plan and run rely on, from the file's own numbers
//   infer   the physical output shapes, at any batch and size; when a file is opened its result
//   must
//           be what the file says
//   plan    when a session is made: kernel, scratch, tables; `prepare` packs, `run` computes
//
// check and infer fail by `return c.fail("field", "reason")`. None throws; run allocates nothing.
// After the check no operator may write a byte that its output's quantizer has no code for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/dims.h"
#include "engine/runtime/parallel.h"
#include "kernels/contract.h"
#include "kernels/conv/conv.h"
#include "kernels/isa.h"
#include "kernels/requantize/requantize.h"
#include "weq/weq.hpp"
#include "weq_generated.h"

namespace weq {

// One quantizer of the file, ready for kernels. Tensors share it by address: equal quantizers of
// one file have one id, so `a.quantizer == b.quantizer` is the test for "the same".
struct QuantizerInfo {
  const format::Quantizer* file = nullptr;
  kernels::LevelMap map;
  float unit = 1;             // value = unit * level
  bool stored[256] = {};      // bytes that a code has
  int max_abs_level() const;  // over all codes
};

struct TensorInfo {
  const char* name = "";
  format::TensorType type = format::TensorType::Bytes;
  const QuantizerInfo* quantizer = nullptr;  // Bytes
  float unit = 1;                            // Bytes, Units
  Dims shape;                                // nominal: at batch 1, as the file says
  const uint8_t* constant = nullptr;  // its bytes, aligned and with slack; else an activation

  bool is_bytes() const { return type == format::TensorType::Bytes; }
  size_t element_size() const { return is_bytes() ? 1 : 4; }
};

// What an operator's check has proven and its plan uses again, where that takes a walk over
// weights.
struct Proof {
  int64_t max_abs_v = 0;
  kernels::ConvBounds conv;  // Conv only
};

// A node with the tensors around it, at the shapes of one session (or the nominal ones).
class NodeContext {
 public:
  const format::Node* node = nullptr;
  std::vector<const TensorInfo*> inputs, outputs;
  std::vector<Dims> input_shapes, output_shapes;  // output_shapes: set once infer has run
  mutable Proof proof;                            // written by check

  size_t input_count() const { return inputs.size(); }
  size_t output_count() const { return outputs.size(); }
  // Records the reason for the message "weq: FILE: layer NAME: field: reason". Returns false.
  bool fail(const char* field, const std::string& reason) const {
    field_ = field;
    reason_ = reason;
    return false;
  }
  const std::string& field() const { return field_; }
  const std::string& reason() const { return reason_; }

 private:
  mutable std::string field_, reason_;
};

struct PlanContext : NodeContext {
  kernels::Isa isa = kernels::Isa::kScalar;  // the cap
  std::string forced_kernel;                 // a family, or ""
  std::string tuned_kernel;                  // a kernel that measured tuning gives the node, or ""
  int threads = 1;
  const kernels::RequantizeKernel* requantize = nullptr;  // the best under `isa`
  FloatRunner* float_runner = nullptr;
  // Elements from one row (all positions of the last axis) of a tensor to the next: its channels,
  // or those of the tensor inside which it lies (runtime/places.h). Left empty: all gapless.
  std::vector<int64_t> input_pitches, output_pitches;

  int64_t input_pitch(size_t i) const {
    return input_pitches.empty() ? row_length(input_shapes[i]) : input_pitches[i];
  }
  int64_t output_pitch(size_t i) const {
    return output_pitches.empty() ? row_length(output_shapes[i]) : output_pitches[i];
  }
};

// Packed weights that outlive the session: kept by the Model, shared by (node, key).
class PackedCache {
 public:
  virtual ~PackedCache() = default;
  // The buffer packed under `key` for this node, aligned and with slack. `pack` fills it the first
  // time. nullptr: out of memory.
  virtual const void* find_or_pack(const std::string& key, size_t bytes,
                                   void (*pack)(const void* closure, void* to),
                                   const void* closure) = 0;
};

// What run is given. Pointers are aligned to kAlignment (unless rows lie apart) and followed by
// kSlack readable bytes.
struct RunContext {
  const void* const* inputs = nullptr;  // as the node's inputs; constants too
  void* const* outputs = nullptr;
  uint8_t* scratch = nullptr;    // Plan::scratch_bytes, one for all threads
  uint8_t* workspace = nullptr;  // per thread: workspace + thread * workspace_stride
  size_t workspace_stride = 0;
  const Threads* threads = nullptr;

  const uint8_t* bytes_in(size_t i) const { return static_cast<const uint8_t*>(inputs[i]); }
  const int32_t* units_in(size_t i) const { return static_cast<const int32_t*>(inputs[i]); }
  const float* float_in(size_t i) const { return static_cast<const float*>(inputs[i]); }
  uint8_t* bytes_out(size_t i) const { return static_cast<uint8_t*>(outputs[i]); }
  int32_t* units_out(size_t i) const { return static_cast<int32_t*>(outputs[i]); }
  float* float_out(size_t i) const { return static_cast<float*>(outputs[i]); }
  // body(begin, end, workspace of the thread)
  template <class F>
  void parallel_for(int64_t items, const F& body) const {
    threads->parallel_for(items, [&](int64_t begin, int64_t end, int thread) {
      body(begin, end, workspace + static_cast<size_t>(thread) * workspace_stride);
    });
  }
};

// A node made ready for one session. Holds what run needs (epilogues, tables, problems).
class Plan {
 public:
  virtual ~Plan() = default;
  // Packs what is not packed yet. Not called when only the arena's size is asked. False: no memory,
  // or what `failure` says.
  virtual bool prepare(PackedCache*) { return true; }
  virtual void run(const RunContext& c) const = 0;

  std::string kernel, reason;  // for LayerInfo and LayerTrace; kernel "" where there is no choice
  std::vector<KernelCandidate> candidates;
  std::string failure;
  int64_t macs = 0;
  size_t scratch_bytes = 0;    // shared by all threads, alive during this node only
  size_t workspace_bytes = 0;  // per thread
  // Input whose memory output 0 may take over when nobody reads it later and the sizes are equal;
  // run must then cope with inputs[i] == outputs[0]. -1: none.
  int in_place = -1;
};

struct Operator {
  const char* name;                                      // as in weq.fbs
  int min_inputs, max_inputs, min_outputs, max_outputs;  // checked before `check` is called
  bool (*check)(const NodeContext& c);
  bool (*infer)(const NodeContext& c, Dims* outputs);
  // nullptr after c.fail(...).
  std::unique_ptr<Plan> (*plan)(const PlanContext& c);
  // Whether plans honour the pitches of PlanContext; of an only output, and of all inputs. A false
  // one means gapless always.
  bool output_rows_apart = false, input_rows_apart = false;
};

// All of them: `extern`, so that definitions in their files have external linkage.
#define WEQ_OPERATOR(table, variable) extern const Operator variable;
#include "engine/ops/ops.inc"
#undef WEQ_OPERATOR

// The operator of a node, or nullptr when this build has none for it.
const Operator* find_operator(format::Operator type);

}  // namespace weq

// One operator of the runtime on its own: a node built from the schema's object form, tensors in
// guarded memory, run under every ISA, and under the best with 1 and 3 threads. Results must be the
// same for all (and in place, and with gaps between rows, where the operator offers that); the
// first is returned to be judged.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "engine/ops/op.h"
#include "tests/support/guard_buffer.h"
#include "tests/support/level_maps.h"
#include "tests/support/random.h"

namespace weq::test {

using Shape = std::vector<int64_t>;

inline int64_t elements(const Shape& shape) {
  int64_t n = 1;
  for (int64_t d : shape) n *= d;
  return n;
}

inline Dims to_dims(const Shape& shape) {
  Dims dims;
  for (int64_t d : shape) dims[dims.rank++] = d;
  return dims;
}

inline Shape to_shape(const Dims& dims) { return Shape(dims.d, dims.d + dims.rank); }

// Bytes of random codes.
inline std::vector<uint8_t> random_bytes(Random& random, const kernels::LevelMap& map,
                                         int64_t count) {
  std::vector<uint8_t> bytes(static_cast<size_t>(count));
  for (uint8_t& byte : bytes) byte = map.byte_of_code[random.in(0, map.codes - 1)];
  return bytes;
}

template <class T>
std::vector<T> bytes_as(const std::vector<uint8_t>& bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

class OpCase {
 public:
  const QuantizerInfo* quantizer(const kernels::LevelMap& map, float unit = 1) {
    quantizers_.emplace_back();
    QuantizerInfo& q = quantizers_.back();
    q.map = map;
    q.unit = unit;
    for (int k = 0; k < map.codes; ++k) q.stored[map.byte_of_code[k]] = true;
    return &q;
  }

  void bytes_input(const QuantizerInfo* q, const Shape& shape, const std::vector<uint8_t>& bytes) {
    TensorInfo& info = add(&inputs_, format::TensorType::Bytes, shape);
    info.quantizer = q;
    info.unit = q->unit;
    fill(bytes.data(), bytes.size());
  }
  void units_input(float unit, const Shape& shape, const std::vector<int32_t>& v) {
    add(&inputs_, format::TensorType::Units, shape).unit = unit;
    fill(v.data(), v.size() * sizeof(int32_t));
  }
  void float_input(const Shape& shape, const std::vector<float>& values) {
    add(&inputs_, format::TensorType::Float, shape);
    fill(values.data(), values.size() * sizeof(float));
  }
  void bytes_output(const QuantizerInfo* q) {
    TensorInfo& info = add(&outputs_, format::TensorType::Bytes, {});
    info.quantizer = q;
    info.unit = q->unit;
  }
  void units_output(float unit) { add(&outputs_, format::TensorType::Units, {}).unit = unit; }
  void float_output() { add(&outputs_, format::TensorType::Float, {}); }

  template <class Table>
  void set_op(Table table) {
    format::NodeT node;
    node.name = "node";
    node.op.Set(std::move(table));
    builder_.Clear();
    builder_.Finish(format::Node::Pack(builder_, &node));
  }

  // "" when check and infer pass, else "field: reason". Sets the output shapes.
  std::string fault() {
    fill_context(&context_);
    const Operator* op = find_operator(context_.node->op_type());
    if (op == nullptr) return "no such operator";
    if (!op->check(context_)) return context_.field() + ": " + context_.reason();
    std::vector<Dims> shapes(outputs_.size());
    if (!op->infer(context_, shapes.data())) return context_.field() + ": " + context_.reason();
    context_.output_shapes = shapes;
    return "";
  }
  Shape output_shape(size_t i = 0) const { return to_shape(context_.output_shapes[i]); }

  // Raw bytes of every output. `kernel_names` collects the names of the kernels that ran.
  std::vector<std::vector<uint8_t>> run(std::vector<std::string>* kernel_names = nullptr) {
    std::vector<std::vector<uint8_t>> first;
    const std::string reason = fault();
    EXPECT_EQ(reason, "");
    if (!reason.empty()) return first;
    for (int i = 0; i < kernels::kIsaCount; ++i) {
      const auto isa = static_cast<kernels::Isa>(i);
      if (!kernels::isa_available(isa)) continue;
      for (int threads : {1, 3}) {
        if (threads > 1 && isa != kernels::best_isa()) continue;
        for (Memory memory : {Memory::kPlain, Memory::kInPlace, Memory::kRowsApart}) {
          SCOPED_TRACE(std::string(kernels::isa_name(isa)) + ", threads " +
                       std::to_string(threads) + ", memory " +
                       std::to_string(static_cast<int>(memory)));
          const auto result = run_once(isa, threads, memory, kernel_names);
          if (first.empty()) first = result;
          if (!result.empty()) {
            EXPECT_EQ(result, first);
          }
        }
      }
    }
    return first;
  }

 private:
  // kInPlace: output 0 takes over the plan's input. kRowsApart: gaps between the rows of all inputs
  // and outputs whose operator says that it can cope.
  enum class Memory { kPlain, kInPlace, kRowsApart };
  static constexpr int64_t kGap = 5;  // elements

  TensorInfo& add(std::deque<TensorInfo>* list, format::TensorType type, const Shape& shape) {
    list->emplace_back();
    TensorInfo& info = list->back();
    info.name = list == &inputs_ ? "input" : "output";
    info.type = type;
    info.shape = to_dims(shape);
    return info;
  }
  void fill(const void* from, size_t bytes) {
    data_.emplace_back(bytes);
    if (bytes > 0) std::memcpy(data_.back().data(), from, bytes);
  }

  void fill_context(NodeContext* c) {
    c->node = flatbuffers::GetRoot<format::Node>(builder_.GetBufferPointer());
    c->inputs.clear();
    c->outputs.clear();
    c->input_shapes.clear();
    for (const TensorInfo& info : inputs_) {
      c->inputs.push_back(&info);
      c->input_shapes.push_back(info.shape);
    }
    for (const TensorInfo& info : outputs_) c->outputs.push_back(&info);
  }

  // The same tensor with other distances between its rows; gaps keep what fills new buffers.
  static GuardBuffer<uint8_t> respace(const GuardBuffer<uint8_t>& from, size_t row,
                                      size_t from_pitch, size_t to_pitch) {
    const size_t rows = from.size() == 0 ? 0 : (from.size() - row) / from_pitch + 1;
    GuardBuffer<uint8_t> to(rows == 0 ? 0 : (rows - 1) * to_pitch + row);
    for (size_t r = 0; r < rows; ++r)
      std::memcpy(to.data() + r * to_pitch, from.data() + r * from_pitch, row);
    return to;
  }
  // Copies of the inputs, and buffers for the outputs, at the pitches of `c`.
  struct Buffers {
    std::vector<GuardBuffer<uint8_t>> in, out;
  };
  Buffers make_buffers(const PlanContext& c) const {
    Buffers b;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      const size_t element = inputs_[i].element_size();
      const size_t row = static_cast<size_t>(row_length(c.input_shapes[i])) * element;
      b.in.push_back(respace(data_[i], row, row, static_cast<size_t>(c.input_pitch(i)) * element));
    }
    for (size_t i = 0; i < outputs_.size(); ++i) {
      const size_t element = outputs_[i].element_size();
      const size_t row = static_cast<size_t>(row_length(c.output_shapes[i])) * element;
      const size_t rows = static_cast<size_t>(c.output_shapes[i].count()) * element / row;
      const size_t pitch = static_cast<size_t>(c.output_pitch(i)) * element;
      b.out.emplace_back((rows - 1) * pitch + row);
    }
    return b;
  }
  // The rows of output `i` side by side; what lies between them must be as it was.
  std::vector<uint8_t> without_gaps(const PlanContext& c, size_t i,
                                    const GuardBuffer<uint8_t>& buffer) const {
    EXPECT_TRUE(buffer.intact());
    const size_t element = outputs_[i].element_size();
    const size_t row = static_cast<size_t>(row_length(c.output_shapes[i])) * element;
    const size_t pitch = static_cast<size_t>(c.output_pitch(i)) * element;
    for (size_t at = 0; at < buffer.size(); ++at)
      if (at % pitch >= row && buffer[at] != GuardBuffer<uint8_t>::kFill) {
        ADD_FAILURE() << "byte " << at << " between rows was written";
        break;
      }
    const GuardBuffer<uint8_t> dense = respace(buffer, row, pitch, row);
    return {dense.begin(), dense.end()};
  }
  // False when the operator cannot cope.
  bool set_pitches(const Operator& op, PlanContext* c) const {
    const format::Concat* concat = c->node->op_as_Concat();
    if (concat != nullptr && concat->axis() != c->output_shapes[0].rank - 1) return false;
    const bool out = op.output_rows_apart && outputs_.size() == 1;
    for (const Dims& shape : c->input_shapes)
      c->input_pitches.push_back(row_length(shape) + (op.input_rows_apart ? kGap : 0));
    for (const Dims& shape : c->output_shapes)
      c->output_pitches.push_back(row_length(shape) + (out ? 2 * kGap : 0));
    return out || op.input_rows_apart;
  }

  std::vector<std::vector<uint8_t>> run_once(kernels::Isa isa, int thread_count, Memory memory,
                                             std::vector<std::string>* kernel_names) {
    PlanContext c;
    static_cast<NodeContext&>(c) = context_;
    c.isa = isa;
    c.threads = thread_count;
    c.requantize = &kernels::select_requantize(isa);
    const Operator& op = *find_operator(c.node->op_type());
    if (memory == Memory::kRowsApart && !set_pitches(op, &c)) return {};
    const std::unique_ptr<Plan> plan = op.plan(c);
    EXPECT_NE(plan, nullptr) << c.field() << ": " << c.reason();
    if (plan == nullptr) return {};
    if (kernel_names != nullptr) kernel_names->push_back(plan->kernel);
    if (memory == Memory::kInPlace && plan->in_place < 0) return {};
    EXPECT_TRUE(plan->prepare(nullptr));

    Buffers buffers = make_buffers(c);
    std::vector<const void*> in;
    std::vector<void*> out;
    for (const GuardBuffer<uint8_t>& buffer : buffers.in) in.push_back(buffer.data());
    for (GuardBuffer<uint8_t>& buffer : buffers.out) out.push_back(buffer.data());
    if (memory == Memory::kInPlace) {
      const auto input = static_cast<size_t>(plan->in_place);
      EXPECT_EQ(buffers.out[0].size(), data_[input].size());
      std::memcpy(buffers.out[0].data(), data_[input].data(), data_[input].size());
      in[input] = buffers.out[0].data();
    }
    const size_t stride = kernels::round_up(plan->workspace_bytes, kernels::kAlignment) + 64;
    GuardBuffer<uint8_t> workspace(stride * static_cast<size_t>(thread_count));
    GuardBuffer<uint8_t> scratch(plan->scratch_bytes);
    const Threads threads(thread_count);
    RunContext r;
    r.inputs = in.data();
    r.outputs = out.data();
    r.scratch = scratch.data();
    r.workspace = workspace.data();
    r.workspace_stride = stride;
    r.threads = &threads;
    plan->run(r);

    std::vector<std::vector<uint8_t>> results;
    for (size_t i = 0; i < buffers.out.size(); ++i)
      results.push_back(without_gaps(c, i, buffers.out[i]));
    return results;
  }

  std::deque<QuantizerInfo> quantizers_;
  std::deque<TensorInfo> inputs_, outputs_;
  std::vector<GuardBuffer<uint8_t>> data_;
  flatbuffers::FlatBufferBuilder builder_;
  NodeContext context_;
};

// The outputs of an arithmetic operator: units, or one or two lists of random thresholds. Judges
// results by the definition: code = number of thresholds <= v.
class Ends {
 public:
  // Adds outputs to `op`; thresholds spread over [-spread, spread].
  Ends(Random& random, OpCase* op, float unit, int64_t spread) {
    const int count = random.int32(0, 2);  // 0: units
    if (count == 0) {
      op->units_output(unit);
      lists_.push_back({});
    }
    for (int i = 0; i < count; ++i) {
      maps_.push_back(random_level_map(random));
      op->bytes_output(op->quantizer(maps_.back()));
      std::vector<int32_t> thresholds;
      for (int k = 1; k < maps_.back().codes; ++k)
        thresholds.push_back(random.int32(-spread, spread));
      std::sort(thresholds.begin(), thresholds.end());
      lists_.push_back(thresholds);
    }
  }

  std::vector<std::unique_ptr<format::RequantizedT>> lists() const {
    std::vector<std::unique_ptr<format::RequantizedT>> result;
    for (const std::vector<int32_t>& thresholds : lists_) {
      result.push_back(std::make_unique<format::RequantizedT>());
      result.back()->thresholds = thresholds;
    }
    return result;
  }

  void expect(const std::vector<int64_t>& v,
              const std::vector<std::vector<uint8_t>>& results) const {
    ASSERT_EQ(results.size(), lists_.size());
    if (maps_.empty()) {
      const std::vector<int32_t> units = bytes_as<int32_t>(results[0]);
      EXPECT_EQ(std::vector<int64_t>(units.begin(), units.end()), v);
      return;
    }
    for (size_t i = 0; i < maps_.size(); ++i) {
      std::vector<uint8_t> bytes;
      for (int64_t value : v) {
        int code = 0;
        for (int32_t threshold : lists_[i]) code += value >= threshold;
        bytes.push_back(maps_[i].byte_of_code[code]);
      }
      EXPECT_EQ(results[i], bytes) << "output " << i;
    }
  }

 private:
  std::vector<kernels::LevelMap> maps_;
  std::vector<std::vector<int32_t>> lists_;
};

}  // namespace weq::test

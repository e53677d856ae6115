// weq: low-bit inference. The C++ interface of the runtime; weq.h mirrors it call by call in C.
//
// Model     an immutable, verified .weq file. Any number of threads may use one at once.
// Session   one execution state of a Model: batch, image size, threads and ISA fixed at creation.
//           One thread at a time; sessions of one model may run on several threads at once.
// Status    every call that can fail returns one. No call throws, prints or aborts.
//
// Nothing allocates after a Session is created, except where a function says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weq {

enum class StatusCode : int {
  kOk = 0,
  kInvalidArgument,  // the call is wrong: a name, a size, a null pointer
  kIo,               // a file cannot be opened or read
  kBadFile,          // the file is not a valid .weq file
  kUnsupported,      // valid, but not in this build or on this machine
  kOutOfMemory,
};

// The outcome of a call. `message()` names file, layer, field and reason; empty when ok.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}
  bool ok() const { return code_ == StatusCode::kOk; }
  StatusCode code() const { return code_; }
  const std::string& message() const { return message_; }

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
};

// "1.0.0": the version of the library, apart from the format version.
const char* version();
// The format version that this library writes, and the newest that it reads.
int format_version();

enum class ElementType { kBytes, kUnits, kFloat };

// One graph input or output as the user sees it: the model's own (ONNX) axis order.
struct PortInfo {
  std::string name;
  std::vector<int64_t> shape;  // at the session's batch and size; at batch 1 for a Model
  ElementType type;            // how the engine holds it
  float unit;                  // kBytes: value = unit * level; kUnits: value = unit * v
  bool image;                  // takes image bytes [n, h, w, c] as they are
};

struct Preprocess {
  std::vector<int> resize_to;  // h, w; empty: none
  int resize_shorter = 0;      // 0: none
  int crop = 0;                // 0: none
  bool bgr = false, mono = false, image = false;
  float scale = 1;
  std::vector<float> mean, std;
};

// A kernel of the ISA in use that was considered for a layer: an estimate, or why it cannot run it.
struct KernelCandidate {
  std::string name;
  double cycles = 0;    // estimated, one run on one thread; 0 where it is refused
  std::string refusal;  // "" where it accepts the layer
};

// What `inspect` shows of one layer.
struct LayerInfo {
  std::string name, op;
  int weight_bits = 0, weight_levels = 0;  // 0: no weights
  int input_bits = 0;                      // of its first input
  int activation_bits = 0;                 // of its first output
  std::string activation_kind;  // "linear", "log", "signed-log", "free", "units", "float"
  std::string kernel;           // chosen for the nominal size; "" where there is no choice
  std::string kernel_reason;    // why
  // Those that accept, by ascending cycles, then those that do not.
  std::vector<KernelCandidate> candidates;
  int64_t macs = 0;
  // Proven from the codes: the largest sum; results that may be summed in a byte (lookups of 3 and
  // 2 channels) or in 16 bits before they are widened, 0: none; the largest transformed weights.
  int64_t max_abs_acc = 0;
  int lut_flush3 = 0, lut_flush2 = 0, sum16_flush = 0;
  int winograd_line = 0, winograd_centre = 0, winograd4 = 0;
  std::vector<std::pair<std::string, double>> report;  // provenance figures of the layer
};

struct ModelInfo {
  std::string name;
  int format_version = 0;
  uint64_t file_bytes = 0, weight_count = 0, weight_bytes = 0, hash = 0;
  std::string converter, options, calibration;
  std::vector<PortInfo> inputs, outputs;
  bool has_preprocess = false;
  Preprocess preprocess;
  std::vector<LayerInfo> layers;
};

// Runs one layer that the converter left in float. Registered by the application (the converter
// library offers one through oneDNN); a model that needs one is refused without it. Tensors are on
// ONNX axes (with three axes and more, axis 1 is the channels) at the session's batch; constants
// among the inputs are as the converter stored them.
class FloatRunner {
 public:
  virtual ~FloatRunner() = default;
  struct Tensor {
    float* data;
    const int64_t* shape;
    int rank;
  };
  // Called once per float layer and session. `attributes` is what the converter stored. Returns an
  // opaque handle >= 0 for `run`, or -1 with `error` set. Only constants have data yet; shapes stay
  // valid as long as the session.
  virtual int prepare(const std::string& op_type, const uint8_t* attributes, size_t size,
                      const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs,
                      std::string* error) = 0;
  virtual void run(int handle, const Tensor* inputs, int input_count, const Tensor* outputs,
                   int output_count) = 0;
};

class Model {
 public:
  // Maps `path` and verifies all of it. On failure `*model` is untouched.
  static Status from_file(const std::string& path, std::shared_ptr<const Model>* model);
  // Verifies `size` bytes at `data` (aligned to 64), which must outlive the model: nothing is
  // copied.
  static Status from_memory(const void* data, size_t size, std::shared_ptr<const Model>* model,
                            const std::string& name = "memory");
  virtual ~Model() = default;
  virtual const ModelInfo& info() const = 0;
  // Bytes of prepacked weights held so far, apart from arenas. Grows when sessions are created.
  virtual size_t packed_bytes() const = 0;
};

struct SessionOptions {
  int batch = 1;
  int height = 0, width = 0;  // 0: the model's nominal size; only where the graph allows others
  int threads = 1;
  std::string isa;     // "": the best, or WEQ_FORCE_ISA; a name caps it
  std::string kernel;  // "": selection, or WEQ_FORCE_KERNEL; a family name forces it
  // "": selection. Else the text that `weq bench --tune` writes: lines LAYER KERNEL, `#` begins a
  // comment. Layers that it names run that kernel if it accepts them; outputs stay the same bits.
  std::string tuning;
  void* arena = nullptr;  // caller-owned memory, aligned to 64, of at least arena_bytes; or null
  size_t arena_size = 0;
  FloatRunner* float_runner = nullptr;  // must outlive the session
  bool keep_tensors = false;  // no memory is reused: get_tensor_float works, the arena grows
};

// Time and kernel of one node of the last run, for `bench --layers`.
struct LayerTrace {
  std::string name, op, kernel, reason;
  double milliseconds = 0;
  int64_t macs = 0;
  std::vector<KernelCandidate> candidates;  // as in LayerInfo, under this session's ISA
};

class Session {
 public:
  // Bytes of arena that a session with these options needs. Runs the same planner as create().
  static Status arena_bytes(const Model& model, const SessionOptions& options, size_t* bytes);
  // Plans, selects kernels, packs weights not yet packed, allocates. Keeps the model alive.
  static Status create(std::shared_ptr<const Model> model, const SessionOptions& options,
                       std::unique_ptr<Session>* session);
  virtual ~Session() = default;

  virtual size_t arena_bytes() const = 0;
  virtual const char* isa() const = 0;
  virtual const std::vector<PortInfo>& inputs() const = 0;  // at this session's batch and size
  virtual const std::vector<PortInfo>& outputs() const = 0;

  // Inputs by index. `count` is the number of elements and must be that of the port's shape.
  // Float tensors in the model's own axis order; quantized on entry (quantization.md, section 5).
  virtual Status set_input_float(size_t index, const float* data, size_t count) = 0;
  // Image bytes [n, h, w, c] in the model's channel order, after resize and crop.
  virtual Status set_input_image(size_t index, const uint8_t* data, size_t count) = 0;
  // Code numbers, one a byte, in the model's own axis order.
  virtual Status set_input_codes(size_t index, const uint8_t* data, size_t count) = 0;

  virtual Status run() = 0;

  // Outputs of the last run, in the model's own axis order, copied to caller memory.
  virtual Status get_output_float(size_t index, float* data, size_t count) const = 0;
  virtual Status get_output_units(size_t index, int32_t* data, size_t count) const = 0;
  virtual Status get_output_codes(size_t index, uint8_t* data, size_t count) const = 0;

  // Off by default: a clock is read around every layer of later runs.
  virtual void set_trace(bool on) = 0;
  virtual std::vector<LayerTrace> trace() const = 0;  // allocates
  // Any stored tensor of the last run by its own name, as float on ONNX axes: with three axes and
  // more, the channels (stored last) are axis 1. Only in sessions with keep_tensors; allocates. For
  // `compare`.
  virtual Status get_tensor_float(const std::string& tensor, std::vector<float>* data) const = 0;
};

}  // namespace weq

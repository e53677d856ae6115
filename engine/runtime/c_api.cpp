// weq.h over weq.hpp: handles hold the C++ objects, statuses become codes and messages.
#include <algorithm>
#include <cstring>

#include "weq/weq.h"
#include "weq/weq.hpp"

namespace {

static_assert(WEQ_OUT_OF_MEMORY == static_cast<int>(weq::StatusCode::kOutOfMemory),
              "one numbering");
static_assert(WEQ_FLOAT == static_cast<int>(weq::ElementType::kFloat), "one numbering");

weq_status_code finish(const weq::Status& status, weq_error* error) {
  if (error != nullptr) {
    const size_t size = std::min(status.message().size(), sizeof error->message - 1);
    std::memcpy(error->message, status.message().data(), size);
    error->message[size] = '\0';
  }
  return static_cast<weq_status_code>(status.code());
}

weq::Status null_argument(const char* what) {
  return weq::Status(weq::StatusCode::kInvalidArgument, std::string("weq: ") + what + " is null");
}

std::string text(const char* s) { return s == nullptr ? "" : s; }

// A FloatRunner made of a C application's two functions.
class CFloatRunner : public weq::FloatRunner {
 public:
  explicit CFloatRunner(const weq_float_runner& runner) : runner_(runner) {}

  int prepare(const std::string& op_type, const uint8_t* attributes, size_t size,
              const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs,
              std::string* error) override {
    if (inputs.size() > kMost || outputs.size() > kMost) {
      *error = "more than 64 operands";
      return -1;
    }
    std::vector<weq_float_tensor> in, out;
    for (const Tensor& t : inputs) in.push_back({t.data, t.shape, t.rank});
    for (const Tensor& t : outputs) out.push_back({t.data, t.shape, t.rank});
    char message[256] = {};
    const int handle = runner_.prepare(runner_.context, op_type.c_str(), attributes, size,
                                       in.data(), static_cast<int>(in.size()), out.data(),
                                       static_cast<int>(out.size()), message, sizeof message);
    message[sizeof message - 1] = '\0';
    if (handle < 0) *error = message;
    return handle;
  }

  void run(int handle, const Tensor* inputs, int input_count, const Tensor* outputs,
           int output_count) override {
    weq_float_tensor in[kMost], out[kMost];
    for (int i = 0; i < input_count; ++i) in[i] = {inputs[i].data, inputs[i].shape, inputs[i].rank};
    for (int i = 0; i < output_count; ++i)
      out[i] = {outputs[i].data, outputs[i].shape, outputs[i].rank};
    runner_.run(runner_.context, handle, in, input_count, out, output_count);
  }

 private:
  static constexpr size_t kMost = 64;
  weq_float_runner runner_;
};

weq_status_code port_info(const std::vector<weq::PortInfo>& ports, size_t index,
                          weq_port_info* info) {
  if (index >= ports.size() || info == nullptr) return WEQ_INVALID_ARGUMENT;
  const weq::PortInfo& port = ports[index];
  *info = {};
  info->name = port.name.c_str();
  info->rank = static_cast<int>(port.shape.size());
  std::copy(port.shape.begin(), port.shape.end(), info->shape);
  info->type = static_cast<weq_element_type>(port.type);
  info->unit = port.unit;
  info->image = port.image;
  return WEQ_OK;
}

}  // namespace

struct weq_model {
  std::shared_ptr<const weq::Model> model;
};

struct weq_session {
  std::unique_ptr<CFloatRunner> runner;  // outlives the session below
  std::unique_ptr<weq::Session> session;
  std::vector<weq::LayerTrace> trace;  // as last asked for; all but the times never change
};

namespace {

weq::SessionOptions translate(const weq_session_options* options,
                              std::unique_ptr<CFloatRunner>* runner) {
  weq_session_options given;
  weq_session_options_default(&given);
  if (options != nullptr) given = *options;
  weq::SessionOptions result;
  result.batch = given.batch;
  result.height = given.height;
  result.width = given.width;
  result.threads = given.threads;
  result.isa = text(given.isa);
  result.kernel = text(given.kernel);
  result.tuning = text(given.tuning);
  result.arena = given.arena;
  result.arena_size = given.arena_size;
  result.keep_tensors = given.keep_tensors != 0;
  if (given.float_runner != nullptr) {
    *runner = std::make_unique<CFloatRunner>(*given.float_runner);
    result.float_runner = runner->get();
  }
  return result;
}

weq_status_code give_model(const weq::Status& status, std::shared_ptr<const weq::Model> loaded,
                           weq_model** model, weq_error* error) {
  if (status.ok()) *model = new weq_model{std::move(loaded)};
  return finish(status, error);
}

}  // namespace

int weq_abi_version(void) { return WEQ_ABI_VERSION; }
const char* weq_version(void) { return weq::version(); }
int weq_format_version(void) { return weq::format_version(); }

weq_status_code weq_model_from_file(const char* path, weq_model** model, weq_error* error) {
  if (path == nullptr) return finish(null_argument("path"), error);
  if (model == nullptr) return finish(null_argument("model"), error);
  std::shared_ptr<const weq::Model> loaded;
  const weq::Status status = weq::Model::from_file(path, &loaded);
  return give_model(status, std::move(loaded), model, error);
}

weq_status_code weq_model_from_memory(const void* data, size_t size, weq_model** model,
                                      weq_error* error) {
  if (data == nullptr) return finish(null_argument("data"), error);
  if (model == nullptr) return finish(null_argument("model"), error);
  std::shared_ptr<const weq::Model> loaded;
  const weq::Status status = weq::Model::from_memory(data, size, &loaded);
  return give_model(status, std::move(loaded), model, error);
}

void weq_model_free(weq_model* model) { delete model; }

size_t weq_model_input_count(const weq_model* model) { return model->model->info().inputs.size(); }
size_t weq_model_output_count(const weq_model* model) {
  return model->model->info().outputs.size();
}
weq_status_code weq_model_input_info(const weq_model* model, size_t index, weq_port_info* info) {
  return port_info(model->model->info().inputs, index, info);
}
weq_status_code weq_model_output_info(const weq_model* model, size_t index, weq_port_info* info) {
  return port_info(model->model->info().outputs, index, info);
}
const char* weq_model_name(const weq_model* model) { return model->model->info().name.c_str(); }
uint64_t weq_model_hash(const weq_model* model) { return model->model->info().hash; }
uint64_t weq_model_file_bytes(const weq_model* model) { return model->model->info().file_bytes; }
uint64_t weq_model_weight_count(const weq_model* model) {
  return model->model->info().weight_count;
}
size_t weq_model_packed_bytes(const weq_model* model) { return model->model->packed_bytes(); }

void weq_session_options_default(weq_session_options* options) {
  *options = {};
  options->batch = 1;
  options->threads = 1;
}

weq_status_code weq_session_arena_bytes(const weq_model* model, const weq_session_options* options,
                                        size_t* bytes, weq_error* error) {
  if (model == nullptr) return finish(null_argument("model"), error);
  if (bytes == nullptr) return finish(null_argument("bytes"), error);
  std::unique_ptr<CFloatRunner> runner;
  const weq::SessionOptions translated = translate(options, &runner);
  return finish(weq::Session::arena_bytes(*model->model, translated, bytes), error);
}

weq_status_code weq_session_create(const weq_model* model, const weq_session_options* options,
                                   weq_session** session, weq_error* error) {
  if (model == nullptr) return finish(null_argument("model"), error);
  if (session == nullptr) return finish(null_argument("session"), error);
  auto made = std::make_unique<weq_session>();
  const weq::SessionOptions translated = translate(options, &made->runner);
  const weq::Status status = weq::Session::create(model->model, translated, &made->session);
  if (status.ok()) {
    made->trace = made->session->trace();
    *session = made.release();
  }
  return finish(status, error);
}

void weq_session_free(weq_session* session) { delete session; }

size_t weq_session_arena_size(const weq_session* session) {
  return session->session->arena_bytes();
}
const char* weq_session_isa(const weq_session* session) { return session->session->isa(); }
size_t weq_session_input_count(const weq_session* session) {
  return session->session->inputs().size();
}
size_t weq_session_output_count(const weq_session* session) {
  return session->session->outputs().size();
}
weq_status_code weq_session_input_info(const weq_session* session, size_t index,
                                       weq_port_info* info) {
  return port_info(session->session->inputs(), index, info);
}
weq_status_code weq_session_output_info(const weq_session* session, size_t index,
                                        weq_port_info* info) {
  return port_info(session->session->outputs(), index, info);
}

weq_status_code weq_session_set_input_float(weq_session* session, size_t index, const float* data,
                                            size_t count, weq_error* error) {
  return finish(session->session->set_input_float(index, data, count), error);
}
weq_status_code weq_session_set_input_image(weq_session* session, size_t index, const uint8_t* data,
                                            size_t count, weq_error* error) {
  return finish(session->session->set_input_image(index, data, count), error);
}
weq_status_code weq_session_set_input_codes(weq_session* session, size_t index, const uint8_t* data,
                                            size_t count, weq_error* error) {
  return finish(session->session->set_input_codes(index, data, count), error);
}

weq_status_code weq_session_run(weq_session* session, weq_error* error) {
  return finish(session->session->run(), error);
}

weq_status_code weq_session_get_output_float(const weq_session* session, size_t index, float* data,
                                             size_t count, weq_error* error) {
  return finish(session->session->get_output_float(index, data, count), error);
}
weq_status_code weq_session_get_output_units(const weq_session* session, size_t index,
                                             int32_t* data, size_t count, weq_error* error) {
  return finish(session->session->get_output_units(index, data, count), error);
}
weq_status_code weq_session_get_output_codes(const weq_session* session, size_t index,
                                             uint8_t* data, size_t count, weq_error* error) {
  return finish(session->session->get_output_codes(index, data, count), error);
}

void weq_session_set_trace(weq_session* session, int on) { session->session->set_trace(on != 0); }

size_t weq_session_layer_count(const weq_session* session) { return session->trace.size(); }

weq_status_code weq_session_trace(weq_session* session, size_t index, weq_layer_trace* trace) {
  if (index >= session->trace.size() || trace == nullptr) return WEQ_INVALID_ARGUMENT;
  session->trace = session->session->trace();
  const weq::LayerTrace& layer = session->trace[index];
  *trace = {layer.name.c_str(),   layer.op.c_str(),   layer.kernel.c_str(),
            layer.reason.c_str(), layer.milliseconds, layer.macs};
  return WEQ_OK;
}

size_t weq_session_candidate_count(weq_session* session, size_t layer) {
  if (layer >= session->trace.size()) return 0;
  return session->trace[layer].candidates.size();
}

weq_status_code weq_session_candidate(weq_session* session, size_t layer, size_t index,
                                      weq_kernel_candidate* candidate) {
  if (candidate == nullptr || index >= weq_session_candidate_count(session, layer))
    return WEQ_INVALID_ARGUMENT;
  const weq::KernelCandidate& found = session->trace[layer].candidates[index];
  *candidate = {found.name.c_str(), found.cycles, found.refusal.c_str()};
  return WEQ_OK;
}

weq_status_code weq_session_get_tensor_float(const weq_session* session, const char* tensor,
                                             float* data, size_t* count, weq_error* error) {
  if (tensor == nullptr) return finish(null_argument("tensor"), error);
  if (count == nullptr) return finish(null_argument("count"), error);
  std::vector<float> values;
  const weq::Status status = session->session->get_tensor_float(tensor, &values);
  if (!status.ok()) return finish(status, error);
  if (data != nullptr && *count < values.size())
    return finish(
        weq::Status(weq::StatusCode::kInvalidArgument,
                    "weq: tensor " + std::string(tensor) + ": room for " + std::to_string(*count) +
                        " elements, it has " + std::to_string(values.size())),
        error);
  if (data != nullptr) std::copy(values.begin(), values.end(), data);
  *count = values.size();
  return finish({}, error);
}

#include <cstdint>
#include <cstdlib>

#include "engine/format/hash.h"
#include "tests/support/model_builder.h"

namespace {

// What is allowed but would only be slow: large arenas and much arithmetic.
constexpr size_t kMaxArena = size_t{16} << 20;
constexpr int64_t kMaxElements = 4 << 20;
constexpr int64_t kMaxMacs = 4 << 20;

// Before anything is planned: all elements of all tensors. Shapes are known to be valid.
bool has_small_tensors(const uint8_t* data) {
  int64_t elements = 0;
  for (const weq::format::Tensor* tensor : *weq::format::GetModel(data)->tensors()) {
    int64_t count = 1;
    for (int32_t d : *tensor->shape()) count *= d;
    elements += count;
  }
  return elements <= kMaxElements;
}

bool has_few_macs(const weq::Model& model) {
  int64_t macs = 0;
  for (const weq::LayerInfo& layer : model.info().layers) macs += layer.macs;
  return macs <= kMaxMacs;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  weq::test::FileBytes file(data, size);
  // The verifier comes first: looking for the hash needs a sound structure.
  if (size >= 16) {
    flatbuffers::Verifier verifier(file.data(), file.size());
    if (weq::format::VerifyModelBuffer(verifier)) weq::format::seal(file.data(), file.size());
  }
  std::shared_ptr<const weq::Model> model;
  if (!weq::Model::from_memory(file.data(), file.size(), &model).ok()) return 0;
  if (!has_small_tensors(file.data())) return 0;
  weq::SessionOptions options;
  options.batch = 1 + static_cast<int>(size % 3);
  size_t arena = 0;
  if (!weq::Session::arena_bytes(*model, options, &arena).ok() || arena > kMaxArena) return 0;
  if (!has_few_macs(*model)) return 0;
  for (const char* kernel : {"", "reference", "direct", "lut", "shift"}) {
    options.kernel = kernel;
    std::unique_ptr<weq::Session> session;
    if (!weq::Session::create(model, options, &session).ok()) continue;
    if (!session->run().ok()) std::abort();
    for (size_t i = 0; i < session->outputs().size(); ++i) {
      size_t count = 1;
      for (int64_t d : session->outputs()[i].shape) count *= static_cast<size_t>(d);
      std::vector<float> values(count);
      if (!session->get_output_float(i, values.data(), count).ok()) std::abort();
    }
  }
  return 0;
}

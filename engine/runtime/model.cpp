#include "engine/runtime/model.h"

#include "engine/format/load.h"

namespace weq {

const char* version() { return WEQ_VERSION; }
int format_version() { return format::kFormatVersion; }

Status Model::from_file(const std::string& path, std::shared_ptr<const Model>* model) {
  auto loaded = std::make_shared<ModelImpl>(path);
  Status status = loaded->open(path);
  if (status.ok()) *model = std::move(loaded);
  return status;
}

Status Model::from_memory(const void* data, size_t size, std::shared_ptr<const Model>* model,
                          const std::string& name) {
  auto loaded = std::make_shared<ModelImpl>(name);
  if (data == nullptr || reinterpret_cast<uintptr_t>(data) % kernels::kAlignment != 0)
    return loaded->report().make(StatusCode::kInvalidArgument, "", "",
                                 "the data is not aligned to 64 bytes");
  Status status = loaded->load(static_cast<const uint8_t*>(data), size);
  if (status.ok()) *model = std::move(loaded);
  return status;
}

Status ModelImpl::open(const std::string& path) {
  Status status = file_.open(path);
  return status.ok() ? load(file_.data(), file_.size()) : status;
}

Status ModelImpl::load(const uint8_t* data, size_t size) {
  Status status = format::load(data, size, report_.file(), &graph_);
  if (status.ok()) info_ = describe(graph_, size);
  return status;
}

const ModelInfo& ModelImpl::info() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!kernels_known_) describe_kernels(*this, &info_);
  kernels_known_ = true;
  return info_;
}

size_t ModelImpl::packed_bytes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return packed_bytes_;
}

const void* ModelImpl::find_or_pack(size_t node, const std::string& key, size_t bytes,
                                    void (*pack)(const void* closure, void* to),
                                    const void* closure) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  AlignedBuffer& buffer = packed_[{node, key}];
  if (buffer != nullptr) return buffer.get();
  buffer = allocate_aligned(bytes);
  if (buffer == nullptr) return nullptr;
  pack(closure, buffer.get());
  packed_bytes_ += bytes;
  return buffer.get();
}

}  // namespace weq

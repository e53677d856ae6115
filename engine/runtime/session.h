// The Session behind the interface: plans, an arena, and pointers into it, fixed at creation.
#pragma once

#include "engine/runtime/plan_nodes.h"
#include "engine/runtime/port.h"

namespace weq {

class SessionImpl : public Session {
 public:
  explicit SessionImpl(std::shared_ptr<const Model> model)
      : model_(std::move(model)), impl_(implementation(*model_)) {}

  Status make(const SessionOptions& options);

  size_t arena_bytes() const override { return setup_.layout.bytes; }
  const char* isa() const override { return kernels::isa_name(setup_.isa); }
  const std::vector<PortInfo>& inputs() const override { return input_info_; }
  const std::vector<PortInfo>& outputs() const override { return output_info_; }

  Status set_input_float(size_t index, const float* data, size_t count) override;
  Status set_input_image(size_t index, const uint8_t* data, size_t count) override;
  Status set_input_codes(size_t index, const uint8_t* data, size_t count) override;
  Status run() override;
  Status get_output_float(size_t index, float* data, size_t count) const override;
  Status get_output_units(size_t index, int32_t* data, size_t count) const override;
  Status get_output_codes(size_t index, uint8_t* data, size_t count) const override;
  void set_trace(bool on) override { trace_ = on; }
  std::vector<LayerTrace> trace() const override;
  Status get_tensor_float(const std::string& tensor, std::vector<float>* data) const override;

 private:
  struct Port {
    PortMap map;
    std::unique_ptr<InputQuantizer> quantizer;  // of a Bytes input
    uint8_t* memory;
  };

  Status pack();
  Status take_arena(const SessionOptions& options);
  void resolve_pointers();
  void make_ports();
  Status check_port(const std::vector<Port>& ports, const std::vector<PortInfo>& infos,
                    const char* what, size_t index, const void* data, size_t count) const;
  Status check_output(size_t index, const void* data, size_t count) const;
  Status refuse(const std::string& place, const std::string& reason) const {
    return impl_.report().make(StatusCode::kInvalidArgument, place, "", reason);
  }

  std::shared_ptr<const Model> model_;
  const ModelImpl& impl_;
  SessionSetup setup_;
  std::unique_ptr<Threads> threads_;
  AlignedBuffer own_arena_;
  uint8_t* arena_ = nullptr;
  std::vector<uint8_t*> memory_;   // of each tensor; constants: in the file; null: unused
  std::vector<void*> edges_;       // inputs and outputs of each node, one after the other
  std::vector<RunContext> calls_;  // of each node
  std::vector<double> milliseconds_;
  std::vector<Port> inputs_, outputs_;
  std::vector<PortInfo> input_info_, output_info_;
  bool trace_ = false, keep_ = false, ran_ = false;
};

}  // namespace weq

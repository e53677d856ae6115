// Inputs and outputs of a session.
#include <cstring>

#include "engine/runtime/session.h"

namespace weq {

Status SessionImpl::check_port(const std::vector<Port>& ports, const std::vector<PortInfo>& infos,
                               const char* what, size_t index, const void* data,
                               size_t count) const {
  if (index >= ports.size())
    return refuse(std::string(what) + " " + std::to_string(index),
                  "there are " + std::to_string(ports.size()));
  // No string is made before something is wrong: these calls do not allocate.
  const auto place = [&] { return std::string(what) + " " + infos[index].name; };
  if (count != ports[index].map.count())
    return refuse(place(), std::to_string(count) + " elements given, its shape has " +
                               std::to_string(ports[index].map.count()));
  if (data == nullptr) return refuse(place(), "the data is null");
  return {};
}

Status SessionImpl::check_output(size_t index, const void* data, size_t count) const {
  Status status = check_port(outputs_, output_info_, "output", index, data, count);
  return status.ok() && !ran_ ? refuse("output " + output_info_[index].name, "nothing has run yet")
                              : status;
}

Status SessionImpl::set_input_float(size_t index, const float* data, size_t count) {
  Status status = check_port(inputs_, input_info_, "input", index, data, count);
  if (status.ok())
    write_float(inputs_[index].map, inputs_[index].quantizer.get(), data, inputs_[index].memory);
  return status;
}

Status SessionImpl::set_input_image(size_t index, const uint8_t* data, size_t count) {
  Status status = check_port(inputs_, input_info_, "input", index, data, count);
  if (!status.ok()) return status;
  if (!input_info_[index].image)
    return refuse("input " + input_info_[index].name, "does not take image bytes");
  std::memcpy(inputs_[index].memory, data, count);
  return {};
}

Status SessionImpl::set_input_codes(size_t index, const uint8_t* data, size_t count) {
  Status status = check_port(inputs_, input_info_, "input", index, data, count);
  if (!status.ok()) return status;
  const Port& port = inputs_[index];
  const std::string& name = input_info_[index].name;
  if (!port.map.tensor->is_bytes()) return refuse("input " + name, "takes floats, not codes");
  if (!write_codes(port.map, data, port.memory))
    return refuse("input " + name,
                  "a code is not below " + std::to_string(port.map.tensor->quantizer->map.codes));
  return {};
}

Status SessionImpl::get_output_float(size_t index, float* data, size_t count) const {
  Status status = check_output(index, data, count);
  if (status.ok()) read_float(outputs_[index].map, outputs_[index].memory, data);
  return status;
}

Status SessionImpl::get_output_units(size_t index, int32_t* data, size_t count) const {
  Status status = check_output(index, data, count);
  if (!status.ok()) return status;
  if (output_info_[index].type != ElementType::kUnits)
    return refuse("output " + output_info_[index].name, "does not hold units");
  read_units(outputs_[index].map, reinterpret_cast<const int32_t*>(outputs_[index].memory), data);
  return {};
}

Status SessionImpl::get_output_codes(size_t index, uint8_t* data, size_t count) const {
  Status status = check_output(index, data, count);
  if (!status.ok()) return status;
  if (output_info_[index].type != ElementType::kBytes)
    return refuse("output " + output_info_[index].name, "does not hold codes");
  read_codes(outputs_[index].map, outputs_[index].memory, data);
  return {};
}

Status SessionImpl::get_tensor_float(const std::string& tensor, std::vector<float>* data) const {
  if (!keep_) return refuse("tensor " + tensor, "the session was made without keep_tensors");
  if (!ran_) return refuse("tensor " + tensor, "nothing has run yet");
  const Graph& graph = impl_.graph();
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    if (tensor != graph.tensors[t].name) continue;
    if (memory_[t] == nullptr) return refuse("tensor " + tensor, "is never written");
    const PortMap map = make_onnx_map(graph.tensors[t], setup_.shapes[t]);
    data->resize(map.count());
    read_float(map, memory_[t], data->data());
    return {};
  }
  return refuse("tensor " + tensor, "there is none of that name");
}

}  // namespace weq

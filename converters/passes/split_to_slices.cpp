#include "converters/passes/passes.h"
#include "converters/passes/rewrite.h"

namespace weq::convert {

int split_to_slices(Graph& graph) {
  return replace_nodes(graph, [](Graph& g, const Node& split, std::vector<Node>* slices) {
    if (split.op != "Split") return false;
    using Ints = std::vector<int64_t>;
    const int64_t axis = split.get_int("axis", 0);
    int64_t start = 0;
    for (size_t i = 0; i < split.outputs.size(); ++i) {
      const int64_t end = start + split.get_ints("split").at(i);
      if (split.outputs[i] != kNoValue) {
        Node slice;
        slice.op = "Slice";
        slice.name = unique_node_name(g, split.name + "/" + std::to_string(i));
        slice.inputs = {split.inputs[0]};
        slice.outputs = {split.outputs[i]};
        slice.attributes = {
            {"starts", Ints{start}}, {"ends", Ints{end}}, {"axes", Ints{axis}}, {"steps", Ints{1}}};
        slices->push_back(std::move(slice));
      }
      start = end;
    }
    return true;
  });
}

}  // namespace weq::convert

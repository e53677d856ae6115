#include "engine/runtime/places.h"

namespace weq {
namespace {

// The axis of a Concat, or -1 for another operator.
int concat_axis(const Graph& graph, size_t node) {
  const format::Concat* concat = graph.node(node).op_as_Concat();
  return concat == nullptr ? -1 : concat->axis();
}

class Placer {
 public:
  Placer(const Graph& graph, const std::vector<Dims>& shapes)
      : graph_(graph),
        shapes_(shapes),
        places_(place_apart(shapes)),
        movable_(shapes.size(), false) {
    for (size_t i = 0; i < graph.node_count(); ++i) {
      const auto& outputs = *graph.node(i).outputs();
      movable_[index(outputs[0])] =
          outputs.size() == 1 && graph.operators[i]->output_rows_apart && keeps_rows(i);
    }
    for (size_t i = 0; i < graph.node_count(); ++i) {
      if (graph.operators[i]->input_rows_apart && keeps_rows(i)) continue;
      for (int32_t t : *graph.node(i).inputs()) movable_[index(t)] = false;
    }
    for (const auto* ports : {graph.file->inputs(), graph.file->outputs()})
      for (const format::Port* port : *ports) movable_[index(port->tensor())] = false;
  }

  // From the last node on, so that a Concat inside another one is placed before its own inputs.
  std::vector<Place> place() {
    for (size_t i = graph_.node_count(); i-- > 0;)
      if (concat_axis(graph_, i) >= 0 && keeps_rows(i)) place_inputs(i);
    return places_;
  }

 private:
  static size_t index(int32_t tensor) { return static_cast<size_t>(tensor); }

  // False for a Concat whose blocks are not rows.
  bool keeps_rows(size_t node) const {
    const int axis = concat_axis(graph_, node);
    return axis < 0 || axis == shapes_[index(graph_.node(node).outputs()->Get(0))].rank - 1;
  }

  void place_inputs(size_t node) {
    const int32_t output = graph_.node(node).outputs()->Get(0);
    const Place outer = places_[index(output)];
    int64_t channel = outer.channel;
    for (int32_t t : *graph_.node(node).inputs()) {
      if (movable_[index(t)]) {
        places_[index(t)] = {outer.host >= 0 ? outer.host : output, channel, outer.pitch};
        movable_[index(t)] = false;
      }
      channel += row_length(shapes_[index(t)]);
    }
  }

  const Graph& graph_;
  const std::vector<Dims>& shapes_;
  std::vector<Place> places_;
  std::vector<bool> movable_;  // still without a place, and free to take one
};

}  // namespace

std::vector<Place> place_apart(const std::vector<Dims>& shapes) {
  std::vector<Place> places(shapes.size());
  for (size_t t = 0; t < shapes.size(); ++t) places[t].pitch = row_length(shapes[t]);
  return places;
}

std::vector<Place> place_in_concats(const Graph& graph, const std::vector<Dims>& shapes) {
  return Placer(graph, shapes).place();
}

}  // namespace weq

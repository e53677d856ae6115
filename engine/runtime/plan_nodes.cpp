#include "engine/runtime/plan_nodes.h"

#include <cfenv>

#include "engine/runtime/environment.h"
#include "engine/runtime/shapes.h"

namespace weq {
namespace {

constexpr int kMaxThreads = 1024;

// Rows of the tensors `ids` from one to the next.
std::vector<int64_t> pitches_of(const flatbuffers::Vector<int32_t>& ids,
                                const std::vector<Place>& places) {
  std::vector<int64_t> pitches;
  for (int32_t t : ids) pitches.push_back(places[static_cast<size_t>(t)].pitch);
  return pitches;
}

Status plan_each(const ModelImpl& model, const SessionOptions& options, SessionSetup* setup) {
  const Graph& graph = model.graph();
  PlanContext c;
  c.isa = setup->isa;
  c.forced_kernel = setup->forced_kernel;
  c.threads = options.threads;
  c.requantize = &kernels::select_requantize(setup->isa);
  c.float_runner = options.float_runner;
  for (size_t i = 0; i < graph.node_count(); ++i) {
    set_context(graph, i, setup->shapes, true, &c);
    c.input_pitches = pitches_of(*c.node->inputs(), setup->places);
    c.output_pitches = pitches_of(*c.node->outputs(), setup->places);
    c.tuned_kernel = setup->tuning.kernel(graph.node(i).name()->str());
    setup->plans.push_back(graph.operators[i]->plan(c));
    if (setup->plans.back() == nullptr) return model.report().layer(StatusCode::kUnsupported, c);
  }
  return {};
}

}  // namespace

Status plan_nodes(const ModelImpl& model, const SessionOptions& options, SessionSetup* setup) {
  if (options.threads < 1 || options.threads > kMaxThreads)
    return model.report().make(StatusCode::kInvalidArgument, "threads", "",
                               std::to_string(options.threads) + " is not 1 to 1024");
  // Threshold grids are proven for this rounding of int32 to float.
  if (std::fegetround() != FE_TONEAREST)
    return model.report().make(StatusCode::kUnsupported, "rounding mode", "",
                               "must be to nearest even when a session is made");
  Status status = resolve_isa(options.isa, &setup->isa);
  if (status.ok()) status = resolve_kernel(options.kernel, &setup->forced_kernel);
  if (status.ok()) status = setup->tuning.parse(options.tuning, model.graph(), model.report());
  if (status.ok())
    status = propagate_shapes(model.graph(), model.report(), options, &setup->shapes);
  if (!status.ok()) return status;
  setup->places = options.keep_tensors ? place_apart(setup->shapes)
                                       : place_in_concats(model.graph(), setup->shapes);
  status = plan_each(model, options, setup);
  if (!status.ok()) return status;
  setup->layout = plan_arena(model.graph(), setup->shapes, setup->places, setup->plans,
                             options.threads, options.keep_tensors);
  return {};
}

}  // namespace weq

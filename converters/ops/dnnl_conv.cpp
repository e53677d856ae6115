#include "converters/ops/dnnl_conv.h"

#include <dnnl.hpp>
#include <unordered_map>

#include "converters/ops/one_thread.h"

namespace weq::convert {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;
constexpr auto kF32 = memory::data_type::f32;

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

bool same(const AxisWindow& a, const AxisWindow& b) {
  return a.kernel == b.kernel && a.stride == b.stride && a.dilation == b.dilation &&
         a.pad_begin == b.pad_begin && a.pad_end == b.pad_end;
}

bool same(const Image& a, const Image& b) {
  return a.n == b.n && a.c == b.c && a.h == b.h && a.w == b.w;
}

memory::dims dims(const Image& image) { return {image.n, image.c, image.h, image.w}; }

// A dense array of the user on one side, the layout that the primitive chose on the other. Where
// the two agree, the array is used in place.
class Side {
 public:
  void prepare(const memory::desc& dense, const memory::desc& chosen) {
    dense_ = memory(dense, cpu(), nullptr);
    moves_ = dense != chosen;
    if (moves_) own_ = memory(chosen, cpu());
  }
  void prepare_in(const memory::desc& dense, const memory::desc& chosen) {
    prepare(dense, chosen);
    if (moves_) reorder_ = dnnl::reorder(dense_, own_);
  }
  void prepare_out(const memory::desc& dense, const memory::desc& chosen) {
    prepare(dense, chosen);
    if (moves_) reorder_ = dnnl::reorder(own_, dense_);
  }
  void point_at(const float* data) { dense_.set_data_handle(const_cast<float*>(data)); }
  void move_in(dnnl::stream& stream) {
    if (moves_) reorder_.execute(stream, dense_, own_);
  }
  void move_out(dnnl::stream& stream) {
    if (moves_) reorder_.execute(stream, own_, dense_);
  }
  const memory& used() const { return moves_ ? own_ : dense_; }
  bool moves() const { return moves_; }

 private:
  memory dense_, own_;
  dnnl::reorder reorder_;
  bool moves_ = false;
};

dnnl::primitive_attr attributes_of(const ConvShape& shape) {
  dnnl::post_ops ops;
  if (shape.residual) ops.append_sum(1.0f);
  if (shape.activation == ConvShape::Activation::kRelu) {
    ops.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, shape.slope, 0.0f);
  } else if (shape.activation == ConvShape::Activation::kClip) {
    ops.append_eltwise(1.0f, dnnl::algorithm::eltwise_clip, shape.low, shape.high);
  }
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(ops);
  // The library's own scratchpad is bound to the thread that made the primitive.
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

// The kernel covers the image exactly: a matrix product, for which oneDNN has better code.
bool is_product(const ConvShape& s) {
  for (size_t i = 0; i < 2; ++i) {
    const AxisWindow& axis = s.window[i];
    const int64_t size = i == 0 ? s.x.h : s.x.w;
    const bool covers = axis.kernel == size && (axis.dilation == 1 || axis.kernel == 1);
    if (!covers || axis.pad_begin != 0 || axis.pad_end != 0) return false;
  }
  return s.groups == 1;
}

}  // namespace

bool ConvShape::operator==(const ConvShape& o) const {
  return same(x, o.x) && same(y, o.y) && groups == o.groups && same(window[0], o.window[0]) &&
         same(window[1], o.window[1]) && bias == o.bias && residual == o.residual &&
         activation == o.activation && slope == o.slope && low == o.low && high == o.high;
}

struct DnnlConv::Impl {
  ConvShape shape;
  dnnl::stream stream{cpu()};
  dnnl::primitive primitive;
  Side x, weights, y;
  dnnl::reorder residual_in;
  memory residual, bias, scratchpad;
  const float* kept_weights = nullptr;

  template <class PrimitiveDesc>
  void prepare(const PrimitiveDesc& desc, const memory::desc& dense_x,
               const memory::desc& dense_weights, const memory::desc& dense_y) {
    x.prepare_in(dense_x, desc.src_desc());
    weights.prepare_in(dense_weights, desc.weights_desc());
    y.prepare_out(dense_y, desc.dst_desc());
    if (shape.residual) {
      residual = memory(dense_y, cpu(), nullptr);
      residual_in = dnnl::reorder(residual, memory(desc.dst_desc(), cpu(), nullptr));
    }
    if (shape.bias) bias = memory({{shape.y.c}, kF32, Tag::x}, cpu(), nullptr);
    scratchpad = memory(desc.scratchpad_desc(), cpu());
  }

  void make_product() {
    const memory::dims wide = dims(shape.x);
    const memory::dims w = {shape.y.c, shape.x.c, shape.x.h, shape.x.w};
    const memory::dims out = {shape.y.n, shape.y.c};
    const auto any = [](const memory::dims& d) { return memory::desc(d, kF32, Tag::any); };
    const memory::desc b = shape.bias ? memory::desc({shape.y.c}, kF32, Tag::x) : memory::desc();
    const memory::desc dense_x(wide, kF32, Tag::nchw);
    const memory::desc dense_y(out, kF32, Tag::nc);
    const dnnl::inner_product_forward::desc desc(dnnl::prop_kind::forward_inference, dense_x,
                                                 any(w), b, dense_y);
    const dnnl::inner_product_forward::primitive_desc chosen(desc, attributes_of(shape), cpu());
    primitive = dnnl::inner_product_forward(chosen);
    prepare(chosen, dense_x, memory::desc(w, kF32, Tag::oihw), dense_y);
  }

  void make_convolution() {
    const AxisWindow& h = shape.window[0];
    const AxisWindow& v = shape.window[1];
    const int64_t g = shape.groups;
    const memory::dims w = g == 1
                               ? memory::dims{shape.y.c, shape.x.c, h.kernel, v.kernel}
                               : memory::dims{g, shape.y.c / g, shape.x.c / g, h.kernel, v.kernel};
    const auto any = [](const memory::dims& d) { return memory::desc(d, kF32, Tag::any); };
    const memory::desc b = shape.bias ? memory::desc({shape.y.c}, kF32, Tag::x) : memory::desc();
    const dnnl::convolution_forward::desc desc(
        dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, any(dims(shape.x)),
        any(w), b, any(dims(shape.y)), {h.stride, v.stride}, {h.dilation - 1, v.dilation - 1},
        {h.pad_begin, v.pad_begin}, {h.pad_end, v.pad_end});
    const dnnl::convolution_forward::primitive_desc chosen(desc, attributes_of(shape), cpu());
    primitive = dnnl::convolution_forward(chosen);
    prepare(chosen, memory::desc(dims(shape.x), kF32, Tag::nchw),
            memory::desc(w, kF32, g == 1 ? Tag::oihw : Tag::goihw),
            memory::desc(dims(shape.y), kF32, Tag::nchw));
  }
};

DnnlConv::DnnlConv(const ConvShape& shape) : impl_(std::make_unique<Impl>()) {
  const OneThread one;
  impl_->shape = shape;
  if (is_product(shape)) {
    impl_->make_product();
  } else {
    impl_->make_convolution();
  }
}

DnnlConv::~DnnlConv() = default;

const ConvShape& DnnlConv::shape() const { return impl_->shape; }

void DnnlConv::run(const float* x, const float* weights, bool keep_weights, const float* bias,
                   const float* residual, float* y) {
  const OneThread one;
  Impl& m = *impl_;
  m.x.point_at(x);
  m.x.move_in(m.stream);
  m.weights.point_at(weights);
  if (!keep_weights || m.kept_weights != weights) {
    m.weights.move_in(m.stream);
    m.kept_weights = keep_weights ? weights : nullptr;
  }
  m.y.point_at(y);
  std::unordered_map<int, memory> arguments = {{DNNL_ARG_SRC, m.x.used()},
                                               {DNNL_ARG_WEIGHTS, m.weights.used()},
                                               {DNNL_ARG_DST, m.y.used()},
                                               {DNNL_ARG_SCRATCHPAD, m.scratchpad}};
  if (m.shape.bias) {
    m.bias.set_data_handle(const_cast<float*>(bias));
    arguments[DNNL_ARG_BIAS] = m.bias;
  }
  if (m.shape.residual) {
    m.residual.set_data_handle(const_cast<float*>(residual));
    memory target = m.y.used();
    m.residual_in.execute(m.stream, m.residual, target);
  }
  m.primitive.execute(m.stream, arguments);
  m.y.move_out(m.stream);
  m.stream.wait();
}

}  // namespace weq::convert

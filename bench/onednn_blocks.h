// Memory of a network's tensors, used again once the last reader is done, as any runtime would.
#pragma once

#include <dnnl.hpp>
#include <vector>

namespace weq::bench {

class Blocks {
 public:
  explicit Blocks(const dnnl::engine& engine) : engine_(engine) {}

  // The smallest free block that fits, or a new one. Free until somebody uses it.
  size_t take(size_t bytes) {
    size_t best = blocks_.size();
    for (size_t i = 0; i < blocks_.size(); ++i) {
      const bool fits = blocks_[i].users == 0 && blocks_[i].bytes >= bytes;
      if (fits && (best == blocks_.size() || blocks_[i].bytes < blocks_[best].bytes)) best = i;
    }
    if (best == blocks_.size()) {
      const dnnl::memory::desc plain({static_cast<dnnl::memory::dim>(bytes)},
                                     dnnl::memory::data_type::u8, dnnl::memory::format_tag::a);
      blocks_.push_back({dnnl::memory(plain, engine_), bytes, 0});
    }
    return best;
  }
  dnnl::memory view(size_t block, const dnnl::memory::desc& desc) const {
    return dnnl::memory(desc, engine_, blocks_[block].owner.get_data_handle());
  }
  void add_users(size_t block, int count) { blocks_[block].users += count; }
  void drop_user(size_t block) { --blocks_[block].users; }
  bool has_one_user(size_t block) const { return blocks_[block].users == 1; }

 private:
  struct Block {
    dnnl::memory owner;
    size_t bytes;
    int users;
  };
  const dnnl::engine& engine_;
  std::vector<Block> blocks_;
};

}  // namespace weq::bench

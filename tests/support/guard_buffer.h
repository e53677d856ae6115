// A buffer as the kernels' contract promises it and no better: aligned to kAlignment, followed by
// kSlack readable bytes and then, at once, by an unmapped page (less the few bytes that alignment
// costs). A kernel that reads further crashes; one that writes into the slack fails `intact`.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "kernels/contract.h"

namespace weq::test {

template <class T>
class GuardBuffer {
 public:
  static constexpr uint8_t kFill = 0xa5;  // what a new buffer holds
  explicit GuardBuffer(size_t count = 0) : count_(count) {
    const size_t page = size_t(sysconf(_SC_PAGESIZE));
    const size_t used = kernels::round_up(count * sizeof(T), kernels::kAlignment) + kernels::kSlack;
    mapped_ = kernels::round_up(used, page) + 2 * page;
    base_ = static_cast<uint8_t*>(
        mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (base_ == MAP_FAILED) std::abort();
    mprotect(base_, page, PROT_NONE);
    mprotect(base_ + mapped_ - page, page, PROT_NONE);
    begin_ = base_ + mapped_ - page - used;
    std::memset(begin_, kFill, used);
  }
  ~GuardBuffer() {
    if (base_ != nullptr) munmap(base_, mapped_);
  }
  GuardBuffer(GuardBuffer&& other) noexcept { swap(other); }
  GuardBuffer& operator=(GuardBuffer&& other) noexcept {
    swap(other);
    return *this;
  }
  GuardBuffer(const GuardBuffer&) = delete;
  GuardBuffer& operator=(const GuardBuffer&) = delete;

  T* data() { return reinterpret_cast<T*>(begin_); }
  const T* data() const { return reinterpret_cast<const T*>(begin_); }
  size_t size() const { return count_; }
  T& operator[](size_t i) { return data()[i]; }
  const T& operator[](size_t i) const { return data()[i]; }
  T* begin() { return data(); }
  const T* begin() const { return data(); }
  const T* end() const { return data() + count_; }
  T* end() { return data() + count_; }

  // True when nothing was written behind the last element.
  bool intact() const {
    const uint8_t* end = base_ + mapped_ - size_t(sysconf(_SC_PAGESIZE));
    for (const uint8_t* p = begin_ + count_ * sizeof(T); p < end; ++p) {
      if (*p != kFill) return false;
    }
    return true;
  }

 private:
  void swap(GuardBuffer& other) {
    std::swap(base_, other.base_);
    std::swap(begin_, other.begin_);
    std::swap(mapped_, other.mapped_);
    std::swap(count_, other.count_);
  }
  uint8_t* base_ = nullptr;
  uint8_t* begin_ = nullptr;
  size_t mapped_ = 0, count_ = 0;
};

}  // namespace weq::test

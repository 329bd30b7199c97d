// SPDX-License-Identifier: BSD-2-Clause
// Single frames in a list through their records: a list costs no memory, and can be made and taken apart
// where nothing may fail.
#pragma once

#include "core/memory/frames.hpp"

#include <utility>

namespace heddle::core::memory {

/// Owns frames of order 0 and gives back those that are left. Not for several CPUs at a time.
class FrameList {
  public:
    constexpr FrameList() = default;

    FrameList(FrameList&& other) noexcept
        : first_{std::exchange(other.first_, 0)}
        , size_{std::exchange(other.size_, 0)} {}

    FrameList& operator=(FrameList&&) = delete;

    ~FrameList() {
        while (size_ != 0) {
            frames().free(pop());
        }
    }

    std::uint64_t size() const { return size_; }

    /// Takes over `frame`, which is the first from now on.
    void push(Frame frame) {
        frames().info(frame).next = first_;
        first_ = static_cast<std::uint32_t>(frame.value);
        ++size_;
    }

    /// Hands over the first; there must be one.
    Frame pop() {
        const Frame frame{first_};
        first_ = frames().info(frame).next;
        --size_;
        return frame;
    }

  private:
    std::uint32_t first_ = 0;
    std::uint64_t size_ = 0;
};

} // namespace heddle::core::memory

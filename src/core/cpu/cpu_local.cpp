// SPDX-License-Identifier: BSD-2-Clause
// The per-CPU data's storage.
#include "core/cpu/cpu_local.hpp"

#include "core/panic.hpp"

#include <array>

namespace heddle::core::cpu {
namespace {

constinit std::array<CpuLocal, CpuId::limit> locals{};

} // namespace

CpuLocal& local(CpuId id) {
    HEDDLE_ASSERT(id.value < CpuId::limit);
    return locals[id.value];
}

} // namespace heddle::core::cpu

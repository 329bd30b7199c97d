// SPDX-License-Identifier: BSD-2-Clause
// The host as a machine for these tests: the main thread is CPU 0, and addresses are numbers, for want of a
// symbol table.
#include "core/cpu/cpu_local.hpp"
#include "core/symbols/symbols.hpp"

namespace heddle::core::symbols {

void write_address(Writer& writer, VirtAddr address) {
    format_to(writer, "{}", address);
}

} // namespace heddle::core::symbols

namespace {

const bool main_is_cpu_0 = [] {
    heddle::machine::set_cpu_pointer(
        reinterpret_cast<std::uintptr_t>(&heddle::core::cpu::local(heddle::CpuId{0})));
    return true;
}();

} // namespace

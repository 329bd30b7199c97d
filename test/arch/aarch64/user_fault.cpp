// SPDX-License-Identifier: BSD-2-Clause
// A program's exception in the words that both machines share.
#include "test/user/program.hpp"
#include "trap/exception.hpp"

namespace heddle::test {

Fault fault_of(const machine::TrapFrame& frame) {
    using aarch64::ExceptionClass;
    const aarch64::Syndrome syndrome{frame.syndrome};
    const VirtAddr address{frame.fault_address};
    constexpr auto system_register = static_cast<ExceptionClass>(0x18);
    if (syndrome.exception_class() == system_register) {
        return {Fault::Kind::privilege, {}};
    }
    switch (syndrome.exception_class()) {
    case ExceptionClass::data_abort_lower:
        return {syndrome.is_write() ? Fault::Kind::write : Fault::Kind::read, address};
    case ExceptionClass::instruction_abort_lower: return {Fault::Kind::execute, address};
    case ExceptionClass::unknown: return {Fault::Kind::illegal_instruction, {}};
    default: return {Fault::Kind::other, {}};
    }
}

bool kernel_never_executes_user_memory() {
    return true; // PXN is part of every leaf
}

} // namespace heddle::test

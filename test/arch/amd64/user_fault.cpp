// SPDX-License-Identifier: BSD-2-Clause
// A program's exception in the words that both machines share.
#include "cpu/features.hpp"
#include "cpu/registers.hpp"
#include "test/user/program.hpp"
#include "trap/exception.hpp"

namespace heddle::test {

Fault fault_of(const machine::TrapFrame& frame) {
    using amd64::Exception;
    using amd64::PageFaultError;
    switch (static_cast<Exception>(frame.vector)) {
    case Exception::page_fault: {
        const std::uint64_t error = frame.error_code;
        return {(error & PageFaultError::instruction_fetch) != 0 ? Fault::Kind::execute
                : (error & PageFaultError::write) != 0           ? Fault::Kind::write
                                                                 : Fault::Kind::read,
                VirtAddr{amd64::read_cr2()}};
    }
    case Exception::invalid_opcode: return {Fault::Kind::illegal_instruction, {}};
    case Exception::general_protection: return {Fault::Kind::privilege, {}};
    default: return {Fault::Kind::other, {}};
    }
}

bool kernel_never_executes_user_memory() {
    return amd64::features().smep;
}

} // namespace heddle::test

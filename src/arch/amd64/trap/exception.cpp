// SPDX-License-Identifier: BSD-2-Clause
// The exceptions' names.
#include "trap/exception.hpp"

namespace heddle::amd64 {

std::string_view to_string(Exception exception) {
    switch (exception) {
    case Exception::divide_error: return "divide error (#DE)";
    case Exception::debug: return "debug exception (#DB)";
    case Exception::non_maskable_interrupt: return "non-maskable interrupt";
    case Exception::breakpoint: return "breakpoint (#BP)";
    case Exception::overflow: return "overflow (#OF)";
    case Exception::bound_range_exceeded: return "bound range exceeded (#BR)";
    case Exception::invalid_opcode: return "invalid opcode (#UD)";
    case Exception::device_not_available: return "device not available (#NM)";
    case Exception::double_fault: return "double fault (#DF)";
    case Exception::coprocessor_segment_overrun: return "coprocessor segment overrun";
    case Exception::invalid_tss: return "invalid TSS (#TS)";
    case Exception::segment_not_present: return "segment not present (#NP)";
    case Exception::stack_fault: return "stack fault (#SS)";
    case Exception::general_protection: return "general protection (#GP)";
    case Exception::page_fault: return "page fault (#PF)";
    case Exception::floating_point_error: return "x87 floating-point error (#MF)";
    case Exception::alignment_check: return "alignment check (#AC)";
    case Exception::machine_check: return "machine check (#MC)";
    case Exception::simd_floating_point: return "SIMD floating-point exception (#XM)";
    case Exception::virtualization: return "virtualization exception (#VE)";
    case Exception::control_protection: return "control protection (#CP)";
    case Exception::hypervisor_injection: return "hypervisor injection exception (#HV)";
    case Exception::vmm_communication: return "VMM communication exception (#VC)";
    case Exception::security: return "security exception (#SX)";
    }
    return "reserved exception";
}

} // namespace heddle::amd64

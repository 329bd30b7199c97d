// SPDX-License-Identifier: BSD-2-Clause
// The image as an EFI application: takes from the firmware what the kernel needs to know, ends its services,
// and joins the way of direct boot.
//
// Runs where the firmware loaded the image and before relocation: no address may be taken from initialised
// data, so there are no tables of pointers or strings here. Nothing is logged; what fails is told on the
// firmware's console, and the loader gets control back.
#include "boot/efi.hpp"
#include "boot/efi_memory_map.hpp"
#include "boot/handoff.hpp"
#include "machine/cpu.hpp"

#include <cstdint>
#include <span>
#include <string_view>

using namespace heddle;
using namespace heddle::aarch64;

extern "C" {
/// Called by the firmware on its own stack (UEFI specification 2.3.6); the entry point in the image's header.
efi::Status heddle_efi_entry(efi::Handle image, efi::SystemTable* system);

/// boot/start.S: turns the firmware's mappings off and enters the kernel.
[[noreturn, gnu::visibility("hidden")]] void heddle_leave_firmware();
}

namespace {

void say(efi::SystemTable& system, const char16_t* text) {
    if (system.console_out != nullptr) {
        system.console_out->output_string(system.console_out, text);
    }
}

/// Copies what is ASCII; GRUB and the shell hand over UTF-16, with or without a terminator.
void copy_command_line(std::u16string_view options, Handoff& handoff) {
    for (const char16_t c : options) {
        if (c == u'\0') {
            break;
        }
        if (handoff.command_line_size == handoff.command_line.size() || c < u' ' || c > u'~') {
            handoff.command_line_cut = true;
            break;
        }
        handoff.command_line[handoff.command_line_size++] = static_cast<char>(c);
    }
}

/// GRUB's `linux` command puts a word in front that says which file it loaded.
std::u16string_view without_image_name(std::u16string_view options) {
    constexpr std::u16string_view prefix = u"BOOT_IMAGE=";
    if (!options.starts_with(prefix)) {
        return options;
    }
    const std::size_t blank = options.find(u' ');
    return blank == options.npos ? std::u16string_view{} : options.substr(blank + 1);
}

efi::Status read_command_line(efi::Handle image, efi::SystemTable& system, Handoff& handoff) {
    void* interface = nullptr;
    const auto status = system.boot_services->handle_protocol(image, &efi::loaded_image_protocol, &interface);
    if (status != efi::success) {
        return status;
    }
    const auto& loaded = *static_cast<const efi::LoadedImage*>(interface);
    if (loaded.load_options != nullptr) {
        const std::size_t length = loaded.load_options_size / sizeof(char16_t);
        copy_command_line(without_image_name({loaded.load_options, length}), handoff);
    }
    return efi::success;
}

void read_clock(efi::SystemTable& system, Handoff& handoff) {
    if (system.runtime_services->get_time(&handoff.wall_clock, nullptr) != efi::success) {
        handoff.wall_clock = {};
    }
}

/// Not every firmware has a generator; AAVMF has, with a virtio-rng device or RNDR.
void read_seed(efi::SystemTable& system, Handoff& handoff) {
    const efi::BootServices& services = *system.boot_services;
    void* interface = nullptr;
    if (services.locate_protocol(&efi::random_protocol, nullptr, &interface) != efi::success) {
        return;
    }
    auto* const generator = static_cast<efi::RandomProtocol*>(interface);
    if (generator->get(generator, nullptr, sizeof(handoff.seed), &handoff.seed) != efi::success) {
        handoff.seed = 0;
    }
}

void find_tables(const efi::SystemTable& system, Handoff& handoff) {
    for (const efi::ConfigurationTable& entry : std::span{system.tables, system.table_count}) {
        const PhysAddr address{reinterpret_cast<std::uintptr_t>(entry.table)};
        if (entry.guid == efi::acpi_table) {
            handoff.rsdp = address;
        } else if (entry.guid == efi::device_tree_table) {
            handoff.device_tree = address;
        }
    }
}

} // namespace

efi::Status heddle_efi_entry(efi::Handle image, efi::SystemTable* system) {
    heddle_handoff.first_cycle = machine::cycle_count();
    heddle_handoff.protocol = BootProtocol::efi;
    if (const auto status = read_command_line(image, *system, heddle_handoff); status != efi::success) {
        say(*system, u"Heddle cannot start: the firmware does not show the command line\r\n");
        return status;
    }
    read_clock(*system, heddle_handoff);
    read_seed(*system, heddle_handoff);
    find_tables(*system, heddle_handoff);
    if (heddle_handoff.rsdp == PhysAddr{} && heddle_handoff.device_tree == PhysAddr{}) {
        say(*system, u"Heddle cannot start: the firmware has neither ACPI tables nor a device tree\r\n");
        return efi::load_error;
    }
    // No calls into the firmware after this one.
    if (const auto status = end_boot_services(image, *system, heddle_handoff); status != efi::success) {
        say(*system, u"Heddle cannot start: the firmware does not end its boot services\r\n");
        return status;
    }
    heddle_leave_firmware();
}

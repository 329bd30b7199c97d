// SPDX-License-Identifier: BSD-2-Clause
// From a device tree's nodes to BootInfo's CPUs, interrupt controller, timer, console, clock, power and PCI.
#include "core/log/log.hpp"
#include "dev/fdt/describe.hpp"

namespace heddle::dev::fdt {
namespace {

using core::boot::BootInfo;
using core::boot::ConsoleKind;
using core::boot::InterruptControllerKind;
using core::boot::PowerKind;

namespace log = core::log;

constexpr std::uint32_t key_power = 116; // Linux input event code
constexpr std::uint64_t redistributor_frame = 128_KiB;
constexpr std::uint64_t ecam_per_bus = 1_MiB;

/// A PL011 or PL061, remembered until the whole tree was seen and it is known which one is meant.
struct Device {
    int node = 0;
    std::uint32_t phandle = 0;
    std::uint64_t base = 0;
    std::uint32_t interrupt = 0;
};

using Devices = FixedVector<Device, 8>;

class DeviceDescriber {
  public:
    DeviceDescriber(const Tree& tree, BootInfo& boot_info)
        : tree_{tree}
        , boot_info_{boot_info}
        , wants_cpus_{boot_info.cpus_present == 0} {}

    Result<void> describe(TreeProblem& problem) {
        TRY(tree_.for_each_node(problem, [this](const Node& node) { visit(node); }));
        choose_console();
        choose_power_button();
        return {};
    }

  private:
    void visit(const Node& node) {
        if (node.depth == 1) {
            in_cpus_ = node.name == "cpus";
            in_gpio_keys_ = node.enabled && node.is_compatible("gpio-keys");
            if (node.name == "chosen") {
                standard_output_ = node.text(Key::standard_output).value_or("");
            }
        }
        if (!node.enabled) {
            return;
        }
        if (in_cpus_ && node.depth == 2 && node.text(Key::device_type) == "cpu") {
            cpu(node);
        } else if (in_gpio_keys_ && node.depth == 2 && node.cell(Key::key_code) == key_power) {
            button_controller_ = node.cell(Key::gpios, 0);
            button_pin_ = node.cell(Key::gpios, 1).value_or(0);
        } else if (node.value(Key::compatible)) {
            device(node);
        }
    }

    void device(const Node& node) {
        if (node.is_compatible("arm,gic-v3")) {
            gic_v3(node);
        } else if (node.is_compatible("arm,cortex-a15-gic") || node.is_compatible("arm,gic-400")) {
            gic_v2(node);
        } else if (node.is_compatible("arm,armv8-timer")) {
            timer(node);
        } else if (node.is_compatible("arm,pl011")) {
            remember(consoles_, node);
        } else if (node.is_compatible("arm,pl061")) {
            remember(gpios_, node);
        } else if (node.is_compatible("arm,pl031")) {
            real_time_clock(node);
        } else if (node.is_compatible("arm,psci-0.2") || node.is_compatible("arm,psci-1.0")) {
            psci(node);
        } else if (node.is_compatible("pci-host-ecam-generic")) {
            pci(node);
        }
    }

    void cpu(const Node& node) {
        if (!wants_cpus_) {
            return;
        }
        const auto id = node.unit();
        if (!id) {
            return ignored(node, "no usable reg");
        }
        ++boot_info_.cpus_present;
        // Those beyond the kernel's limit are counted; boot says so.
        (void)boot_info_.cpus.push_back({.hardware_id = *id, .redistributor = {}});
    }

    void gic_v3(const Node& node) {
        auto& interrupts = boot_info_.interrupts;
        const auto distributor = node.range(0);
        const auto redistributors = node.range(1);
        if (interrupts.kind != InterruptControllerKind::none) {
            return;
        }
        if (!distributor || !redistributors || redistributors->size < redistributor_frame) {
            return ignored(node, "distributor or redistributors not described");
        }
        if (node.cell(Key::redistributor_regions).value_or(1) > 1) {
            log::warning("device tree: {} has several redistributor regions; CPUs of the first are used",
                         node.name);
        }
        interrupts.kind = InterruptControllerKind::gic_v3;
        interrupts.distributor = PhysAddr{distributor->base};
        interrupts.redistributors = PhysAddr{redistributors->base};
        interrupts.redistributors_size = redistributors->size;
    }

    void gic_v2(const Node& node) {
        auto& interrupts = boot_info_.interrupts;
        const auto distributor = node.range(0);
        const auto cpu_interface = node.range(1);
        if (interrupts.kind != InterruptControllerKind::none) {
            return;
        }
        if (!distributor || !cpu_interface) {
            return ignored(node, "distributor or CPU interface not described");
        }
        interrupts.kind = InterruptControllerKind::gic_v2;
        interrupts.distributor = PhysAddr{distributor->base};
        interrupts.cpu_interface = PhysAddr{cpu_interface->base};
    }

    void timer(const Node& node) {
        // In this order: secure, physical, virtual, hypervisor.
        const auto physical = node.interrupt(1);
        const auto virtual_timer = node.interrupt(2);
        if (boot_info_.timer.virtual_interrupt != 0) {
            return;
        }
        if (!physical || !virtual_timer) {
            return ignored(node, "no usable interrupts");
        }
        boot_info_.timer.physical_interrupt = *physical;
        boot_info_.timer.virtual_interrupt = *virtual_timer;
    }

    void real_time_clock(const Node& node) {
        const auto range = node.range(0);
        if (!range) {
            return ignored(node, "no usable reg");
        }
        if (boot_info_.real_time_clock.value == 0) {
            boot_info_.real_time_clock = PhysAddr{range->base};
        }
    }

    void psci(const Node& node) {
        const auto method = node.text(Key::method).value_or("");
        if (boot_info_.power.kind != PowerKind::none) {
            return;
        }
        if (method == "hvc") {
            boot_info_.power.kind = PowerKind::psci_hvc;
        } else if (method == "smc") {
            boot_info_.power.kind = PowerKind::psci_smc;
        } else {
            ignored(node, "method is neither hvc nor smc");
        }
    }

    void pci(const Node& node) {
        const auto range = node.range(0);
        const std::uint32_t first = node.cell(Key::bus_range, 0).value_or(0);
        const std::uint32_t last = node.cell(Key::bus_range, 1).value_or(255);
        if (boot_info_.pci_configuration.value != 0) {
            return;
        }
        if (!range || first > last || last > 255 || range->size / ecam_per_bus < last - first + 1) {
            return ignored(node, "reg and bus-range do not fit together");
        }
        boot_info_.pci_configuration = PhysAddr{range->base};
        boot_info_.pci_first_bus = static_cast<std::uint8_t>(first);
        boot_info_.pci_last_bus = static_cast<std::uint8_t>(last);
    }

    void remember(Devices& devices, const Node& node) {
        const auto range = node.range(0);
        if (!range) {
            return ignored(node, "no usable reg");
        }
        if (!devices.push_back({.node = node.offset,
                                .phandle = node.cell(Key::phandle).value_or(0),
                                .base = range->base,
                                .interrupt = node.interrupt(0).value_or(0)})) {
            ignored(node, "too many of its kind");
        }
    }

    /// The UART of /chosen's stdout-path; the first one when there is no such path. Overrules the machine's
    /// default.
    void choose_console() {
        if (consoles_.empty()) {
            return;
        }
        const auto wanted = standard_output_.empty() ? std::nullopt : tree_.node_at(standard_output_);
        for (const Device& uart : consoles_) {
            if (standard_output_.empty() || wanted == uart.node) {
                boot_info_.console = {ConsoleKind::pl011, uart.base, uart.interrupt};
                return;
            }
        }
        log::warning("device tree: stdout-path {} is no PL011", standard_output_);
    }

    void choose_power_button() {
        for (const Device& gpio : gpios_) {
            if (button_controller_ && gpio.phandle == *button_controller_ && gpio.interrupt != 0 &&
                button_pin_ < 8) {
                boot_info_.power.button_gpio = PhysAddr{gpio.base};
                boot_info_.power.button_interrupt = gpio.interrupt;
                boot_info_.power.button_pin = static_cast<std::uint8_t>(button_pin_);
            }
        }
    }

    static void ignored(const Node& node, std::string_view reason) {
        log::warning("device tree: {} ignored: {}", node.name, reason);
    }

    const Tree& tree_;
    BootInfo& boot_info_;
    const bool wants_cpus_;
    bool in_cpus_ = false;
    bool in_gpio_keys_ = false;
    std::string_view standard_output_;
    std::optional<std::uint32_t> button_controller_;
    std::uint32_t button_pin_ = 0;
    Devices consoles_;
    Devices gpios_;
};

} // namespace

Result<void> describe_devices(const Tree& tree, BootInfo& boot_info, TreeProblem& problem) {
    return DeviceDescriber{tree, boot_info}.describe(problem);
}

} // namespace heddle::dev::fdt

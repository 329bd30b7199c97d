// SPDX-License-Identifier: BSD-2-Clause
// The MADT: CPUs and interrupt controllers of both machines (ACPI 6.5, 5.2.12).
#include "core/log/log.hpp"
#include "dev/acpi/describe.hpp"
#include "lib/bytes.hpp"

namespace heddle::dev::acpi {
namespace {

using core::boot::BootInfo;
using core::boot::InterruptControllerKind;

namespace log = core::log;

constexpr std::uint32_t enabled = 1;
constexpr std::uint8_t isa_bus = 0;

class MadtReader {
  public:
    explicit MadtReader(BootInfo& boot_info)
        : boot_info_{boot_info}
        , interrupts_{boot_info.interrupts} {}

    void read(Bytes body) {
        ByteReader reader{body};
        const auto madt = reader.read<Madt>();
        if (!madt) {
            return log::warning("ACPI: MADT is too short");
        }
        interrupts_.local_apic = PhysAddr{madt->local_apic};
        interrupts_.has_legacy_pics = (madt->flags & Madt::has_legacy_pics) != 0;
        while (reader.remaining() > 0) {
            const std::size_t offset = sizeof(Header) + reader.position();
            const auto header = reader.read<MadtEntry>();
            const auto entry = header && header->length >= sizeof(MadtEntry)
                                   ? reader.take(header->length - sizeof(MadtEntry))
                                   : fail(Error::malformed);
            if (!entry) {
                log::warning("ACPI: MADT: the entry at offset {:#x} has a wrong length; the rest is ignored",
                             offset);
                break;
            }
            take(header->type, *entry);
        }
        finish();
    }

  private:
    void take(std::uint8_t type, Bytes entry) {
        switch (type) {
        case LocalApicEntry::type:
            return with<LocalApicEntry>(entry, [this](const auto& e) { local_apic(e); });
        case IoApicEntry::type: return with<IoApicEntry>(entry, [this](const auto& e) { io_apic(e); });
        case OverrideEntry::type: return with<OverrideEntry>(entry, [this](const auto& e) { override(e); });
        case LocalApicAddressEntry::type:
            return with<LocalApicAddressEntry>(
                entry, [this](const auto& e) { interrupts_.local_apic = PhysAddr{e.address}; });
        case LocalX2ApicEntry::type:
            return with<LocalX2ApicEntry>(entry, [this](const auto& e) { local_x2apic(e); });
        case GicCpuEntry::type: return with<GicCpuEntry>(entry, [this](const auto& e) { gic_cpu(e); });
        case GicDistributorEntry::type:
            return with<GicDistributorEntry>(entry, [this](const auto& e) { gic(e); });
        case GicRedistributorEntry::type:
            return with<GicRedistributorEntry>(entry, [this](const auto& e) { redistributors(e); });
        default: return;
        }
    }

    template <class Entry, class Visitor>
    void with(Bytes bytes, Visitor visit) {
        if (const auto entry = ByteReader{bytes}.read<Entry>()) {
            visit(*entry);
        } else {
            log::warning("ACPI: MADT: an entry of type {} is too short", Entry::type);
        }
    }

    void add_cpu(std::uint64_t hardware_id, PhysAddr redistributor) {
        ++boot_info_.cpus_present;
        // Those beyond the kernel's limit are counted; boot says so.
        (void)boot_info_.cpus.push_back({hardware_id, redistributor});
    }

    void local_apic(const LocalApicEntry& entry) {
        if ((entry.flags & enabled) != 0) {
            has_local_apics_ = true;
            add_cpu(entry.apic_id, PhysAddr{});
        }
    }

    /// Ids from 255 on need an x2APIC, which this kernel does not drive: such CPUs are counted only.
    void local_x2apic(const LocalX2ApicEntry& entry) {
        if ((entry.flags & enabled) != 0) {
            ++boot_info_.cpus_present;
        }
    }

    void io_apic(const IoApicEntry& entry) {
        if (!interrupts_.io_apics.push_back({PhysAddr{entry.address}, entry.id, entry.first_interrupt})) {
            log::warning("ACPI: MADT: I/O APIC {} ignored: too many", entry.id);
        }
    }

    void override(const OverrideEntry& entry) {
        constexpr std::uint16_t low_or_level = 3;
        if (entry.bus != isa_bus) {
            return log::warning("ACPI: MADT: an override on bus {} ignored", entry.bus);
        }
        if (!interrupts_.overrides.push_back({.isa_interrupt = entry.source,
                                              .global_interrupt = entry.global_interrupt,
                                              .active_low = (entry.flags & 3) == low_or_level,
                                              .level_triggered = (entry.flags >> 2 & 3) == low_or_level})) {
            log::warning("ACPI: MADT: override of interrupt {} ignored: too many", entry.source);
        }
    }

    void gic_cpu(const GicCpuEntry& entry) {
        if ((entry.flags & enabled) == 0) {
            return;
        }
        add_cpu(entry.mpidr, PhysAddr{entry.redistributor});
        if (interrupts_.cpu_interface.value == 0) {
            interrupts_.cpu_interface = PhysAddr{entry.cpu_interface};
        }
    }

    void gic(const GicDistributorEntry& entry) {
        if (has_distributor_) {
            return log::warning("ACPI: MADT: a second GIC distributor ignored");
        }
        has_distributor_ = true;
        gic_version_ = entry.version;
        interrupts_.distributor = PhysAddr{entry.address};
    }

    void redistributors(const GicRedistributorEntry& entry) {
        if (interrupts_.redistributors_size != 0) {
            return log::warning("ACPI: MADT: redistributors at {:#x} ignored: only the first region is used",
                                std::uint64_t{entry.address});
        }
        if (entry.length > UINT64_MAX - entry.address) {
            return log::warning("ACPI: MADT: redistributors wrap around the address space");
        }
        interrupts_.redistributors = PhysAddr{entry.address};
        interrupts_.redistributors_size = entry.length;
    }

    void finish() {
        if (has_distributor_) {
            // A distributor that does not say its version is a v3 when somebody described redistributors.
            const bool described = interrupts_.redistributors_size != 0 ||
                                   (!boot_info_.cpus.empty() && boot_info_.cpus[0].redistributor.value != 0);
            const bool v3 = gic_version_ >= 3 || (gic_version_ == 0 && described);
            interrupts_.kind = v3 ? InterruptControllerKind::gic_v3 : InterruptControllerKind::gic_v2;
        } else if (has_local_apics_) {
            interrupts_.kind = InterruptControllerKind::apic;
        } else {
            log::warning("ACPI: MADT describes no interrupt controller");
        }
    }

    BootInfo& boot_info_;
    core::boot::InterruptControllerDescription& interrupts_;
    bool has_local_apics_ = false;
    bool has_distributor_ = false;
    std::uint8_t gic_version_ = 0;
};

} // namespace

void read_madt(const Table& madt, BootInfo& boot_info) {
    MadtReader{boot_info}.read(madt.body);
}

} // namespace heddle::dev::acpi

// SPDX-License-Identifier: BSD-2-Clause
// Everything at once on every CPU: calls, work, memory that another CPU gives back, mappings that are shot
// down, limbo, grace periods, timers, in an order that a seed draws. `stress=N` says how many steps each CPU
// takes.
//
// Under -icount the run itself repeats, not only its inputs: the hash that the case prints goes over the
// order in which the CPUs' steps interleave and the cycle at which each began (`./heddle check replay`).
#include "core/component/wiring.hpp"
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/cross_call.hpp"
#include "core/cpu/work_queue.hpp"
#include "core/machine/probe.hpp"
#include "core/memory/arena.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/heap.hpp"
#include "core/memory/layout.hpp"
#include "core/memory/limbo.hpp"
#include "core/memory/owner.hpp"
#include "core/sync/grace_period.hpp"
#include "core/sync/interrupts_off.hpp"
#include "core/sync/read_section.hpp"
#include "core/time/deadlines.hpp"
#include "core/time/monotonic.hpp"
#include "test/floor/environment.hpp"
#include "test/floor/every_cpu.hpp"
#include "test/floor/floor.hpp"

#include <array>
#include <cstring>
#include <optional>

namespace heddle::test {
namespace {

using namespace core;
using memory::LimboOwner;

HEDDLE_OPTION(stress_option){"stress",
                             "STEPS: how many steps each CPU takes in the stress case; default: 400"};

constinit time::Deadlines* deadlines = nullptr;

HEDDLE_COMPONENT(stress_component){
    .name = "test-stress",
    .provides = {},
    .needs = component::interfaces<time::Deadlines>,
    .start =
        [](component::Wiring& wiring) {
            deadlines = &wiring.get<time::Deadlines>();
            return Result<void>{};
        },
};

constexpr std::uint64_t mix(std::uint64_t value) {
    return Random{value}.next();
}

/// Memory on its way from the CPU that allocated it to the one that gives it back: filled with a pattern of
/// its own.
struct Parcel {
    std::size_t size;
    std::uint64_t pattern;

    static Parcel* make(std::size_t size, std::uint64_t pattern) {
        const auto memory = memory::heap::allocate(sizeof(Parcel) + size);
        if (!memory) {
            return nullptr;
        }
        auto* const parcel = new (*memory) Parcel{size, pattern};
        std::memset(parcel->contents(), static_cast<int>(pattern & 0xff), size);
        return parcel;
    }

    /// Whether it was still as it was made.
    static bool give_back(Parcel* parcel) {
        bool whole = true;
        for (std::size_t i = 0; i < parcel->size; ++i) {
            whole = whole && parcel->contents()[i] == static_cast<std::uint8_t>(parcel->pattern & 0xff);
        }
        parcel->pattern = ~parcel->pattern;
        memory::heap::free(parcel);
        return whole;
    }

    std::uint8_t* contents() { return reinterpret_cast<std::uint8_t*>(this + 1); }
};

/// What readers find without a lock: whole, until a grace period after it was replaced.
struct Published : sync::DeferredCallback {
    std::atomic<std::uint64_t> value;
    std::atomic<std::uint64_t> complement;
    std::atomic<std::uint64_t>* ended = nullptr;

    explicit Published(std::uint64_t number, std::atomic<std::uint64_t>& count)
        : value{number}
        , complement{~number}
        , ended{&count} {
        function = end;
    }

    static void end(sync::DeferredCallback& callback) {
        auto& self = static_cast<Published&>(callback);
        self.complement.store(self.value.load(std::memory_order_relaxed), std::memory_order_relaxed);
        self.ended->fetch_add(1, std::memory_order_relaxed);
        memory::heap::free(&self);
    }
};

struct CountedWork : cpu::Work {
    std::atomic<std::uint64_t>* done = nullptr;
};

constexpr std::size_t slots = 32;

/// What the CPUs share. Relaxed counters: compared when all are through.
struct Shared {
    std::array<std::atomic<Parcel*>, slots> parcels{};
    std::array<std::atomic<Published*>, slots> published{};
    std::atomic<std::uint64_t> order{0}; ///< the next event's place
    std::atomic<std::uint64_t> calls_made{0};
    std::atomic<std::uint64_t> calls_run{0};
    std::atomic<std::uint64_t> works_made{0};
    std::atomic<std::uint64_t> works_run{0};
    std::atomic<std::uint64_t> deferred_made{0};
    std::atomic<std::uint64_t> deferred_run{0};
    std::atomic<std::uint64_t> timers_set{0};
    std::atomic<std::uint64_t> timers_gone{0};
    std::atomic<std::uint64_t> hash{0};
    Findings findings;
};

void count(void* counter) {
    static_cast<std::atomic<std::uint64_t>*>(counter)->fetch_add(1, std::memory_order_relaxed);
}

/// One CPU's part.
class Worker {
  public:
    Worker(Shared& shared, std::uint64_t seed)
        : shared_{shared}
        , random_{mix(seed ^ mix(cpu::current().id.value + 1))} {}

    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void run(std::uint64_t steps) {
        for (std::uint64_t i = 0; i < steps; ++i) {
            step();
        }
        finish();
    }

  private:
    void step() {
        const std::uint64_t operation = random_.below(9);
        const std::uint64_t place = shared_.order.fetch_add(1, std::memory_order_relaxed);
        hash_ = mix(hash_ ^ mix(place) ^ machine::cycle_count() ^ (operation << 56));
        switch (operation) {
        case 0: return post_call();
        case 1: return call_some();
        case 2: return submit_work();
        case 3: return exchange_parcel();
        case 4: return map_and_unmap();
        case 5: return retire_and_reinstate();
        case 6: return publish();
        case 7: return read_published();
        default: return set_timer();
        }
    }

    CpuId any_cpu() { return CpuId{static_cast<std::uint32_t>(random_.below(cpu::online_count()))}; }

    void post_call() {
        shared_.calls_made.fetch_add(1, std::memory_order_relaxed);
        cpu::CrossCall call{count, &shared_.calls_run};
        cpu::post(any_cpu(), call);
        while (!call.done()) {
            machine::pause();
        }
    }

    void call_some() {
        const CpuSet targets = CpuSet::from_bits(random_.next()) & cpu::online();
        shared_.calls_made.fetch_add(targets.count(), std::memory_order_relaxed);
        cpu::call(targets, count, &shared_.calls_run);
    }

    /// Every CPU is busy: whoever comes by next runs it, as an idle CPU would.
    void submit_work() {
        const auto memory = memory::heap::allocate(sizeof(CountedWork));
        if (memory) {
            auto* const work = new (*memory) CountedWork{};
            work->done = &shared_.works_run;
            work->function = [](cpu::Work& made) {
                auto& self = static_cast<CountedWork&>(made);
                count(self.done);
                memory::heap::free(&self);
            };
            shared_.works_made.fetch_add(1, std::memory_order_relaxed);
            cpu::submit(*work);
        }
        if (random_.below(2) == 0) {
            cpu::run_one();
        }
    }

    /// Sizes of every class, and blocks of frames.
    void exchange_parcel() {
        const std::size_t size = random_.below(4) == 0 ? random_.below(20'000) : random_.below(600);
        Parcel* const made = Parcel::make(size, random_.next());
        // Acquire and release: pairs with itself on another CPU, which filled what we take.
        Parcel* const found = shared_.parcels[random_.below(slots)].exchange(made, std::memory_order_acq_rel);
        if (found != nullptr) {
            shared_.findings.expect(Parcel::give_back(found), "memory changed while nobody owned it");
        }
    }

    void map_and_unmap() {
        const auto frame = memory::frames().allocate();
        if (!frame) {
            return;
        }
        const std::uint64_t value = random_.next();
        auto* const direct = memory::to_virtual(frame->address()).as<std::atomic<std::uint64_t>>();
        const CpuId other = any_cpu();
        Probe probe;
        {
            auto mapping =
                memory::map_physical(frame->address(), page_size, {.access = memory::Access::read_write});
            if (mapping) {
                probe.address = mapping->address();
                mapping->as<std::atomic<std::uint64_t>>()->store(value);
                shared_.findings.expect(direct->load() == value, "a mapping shows another frame");
                cpu::call(CpuSet::of(other), Probe::look, &probe);
                shared_.findings.expect(probe.found == value, "another CPU sees something else in a mapping");
            }
        }
        if (probe.address != VirtAddr{}) {
            // Nobody else is given the address before another mapping is made; who makes one now may get it.
            direct->store(~value);
            cpu::call(CpuSet::of(other), Probe::look, &probe);
            shared_.findings.expect(!probe.found || *probe.found != ~value,
                                    "a translation outlived its mapping");
        }
        memory::frames().free(*frame);
    }

    void retire_and_reinstate() {
        const auto frame = memory::frames().allocate();
        if (!frame) {
            return;
        }
        const LimboOwner owner{.owner = 100 + cpu::current().id.value, .unit = 1};
        bool ours = true;
        const sync::InterruptsOff off;
        for (std::uint64_t i = random_.below(4); ours && i != 0; --i) {
            memory::retire_frame(*frame, owner);
            ours = memory::reinstate_frame(*frame, owner);
        }
        if (ours) {
            memory::retire_frame(*frame, owner);
        }
    }

    void publish() {
        const auto memory = memory::heap::allocate(sizeof(Published));
        if (memory) {
            replace(shared_.published[random_.below(slots)],
                    new (*memory) Published{random_.next(), shared_.deferred_run});
        }
        if (random_.below(4) == 0) {
            {
                const sync::InterruptsOff off;
                cpu::quiesce();
            }
            sync::run_deferred();
            memory::reap_limbo();
        }
    }

    void replace(std::atomic<Published*>& slot, Published* with) {
        // Acquire and release: readers and later writers see what the object holds.
        Published* const old = slot.exchange(with, std::memory_order_acq_rel);
        if (old != nullptr) {
            shared_.deferred_made.fetch_add(1, std::memory_order_relaxed);
            sync::defer(*old);
        }
    }

    void read_published() {
        const sync::ReadSection section;
        for (const std::atomic<Published*>& slot : shared_.published) {
            // Acquire: pairs with the exchange in replace().
            const Published* const found = slot.load(std::memory_order_acquire);
            if (found != nullptr) {
                const std::uint64_t value = found->value.load(std::memory_order_relaxed);
                const std::uint64_t complement = found->complement.load(std::memory_order_relaxed);
                shared_.findings.expect(complement == ~value, "a reader found what was freed");
            }
        }
    }

    void set_timer() {
        const sync::InterruptsOff off;
        time::DeadlineQueue& own = deadlines->own();
        time::Deadline& timer = timers_[random_.below(timers_.size())];
        if (own.cancel(timer)) {
            count(&shared_.timers_gone);
        }
        if (random_.below(3) != 0) {
            count(&shared_.timers_set);
            own.set(timer, time::now() + Nanoseconds{random_.below(200'000)});
        }
    }

    void finish() {
        {
            const sync::InterruptsOff off;
            for (time::Deadline& timer : timers_) {
                if (deadlines->own().cancel(timer)) {
                    count(&shared_.timers_gone);
                }
            }
        }
        // Relaxed: a sum, read when all are through.
        shared_.hash.fetch_add(mix(hash_ ^ cpu::current().id.value), std::memory_order_relaxed);
    }

    struct Probe {
        VirtAddr address;
        std::optional<std::uint64_t> found;

        /// In interrupt context of another CPU; nothing where the address leads nowhere.
        static void look(void* argument) {
            Probe& self = *static_cast<Probe*>(argument);
            const auto read = machine::probe_read(self.address);
            self.found = read ? std::optional{*read} : std::nullopt;
        }
    };

    Shared& shared_;
    Random random_;
    std::uint64_t hash_ = 0;
    std::array<time::Deadline, 3> timers_{time::Deadline{count, &shared_.timers_gone},
                                          time::Deadline{count, &shared_.timers_gone},
                                          time::Deadline{count, &shared_.timers_gone}};
};

/// Takes out what is left in the slots, and lets everything that waits come to its end.
bool settle(Shared& shared) {
    for (auto& slot : shared.parcels) {
        if (Parcel* const left = slot.exchange(nullptr, std::memory_order_acq_rel)) {
            shared.findings.expect(Parcel::give_back(left), "memory changed while nobody owned it");
        }
    }
    for (auto& slot : shared.published) {
        if (Published* const left = slot.exchange(nullptr, std::memory_order_acq_rel)) {
            shared.deferred_made.fetch_add(1, std::memory_order_relaxed);
            sync::defer(*left);
        }
    }
    return eventually([&] {
        while (cpu::run_one()) {
        }
        {
            const sync::InterruptsOff off;
            cpu::quiesce();
        }
        sync::run_deferred();
        memory::reap_limbo();
        return shared.works_run.load() == shared.works_made.load() &&
               shared.deferred_run.load() == shared.deferred_made.load() && memory::limbo_level() == 0;
    });
}

TEST_CASE("stress: calls, work, memory, mappings, limbo, grace periods and timers on every CPU at once") {
    const std::uint64_t steps = env().command_line().number("stress").value_or(400);
    const std::uint64_t seed = random().next();
    static constinit std::optional<Shared> storage; // too large for the stack
    Shared& shared = storage.emplace();
    CHECK(on_every_cpu([&] { Worker{shared, seed}.run(steps); }));
    CHECK(settle(shared));
    shared.findings.check();
    CHECK(shared.order.load() == steps * cpu::online_count());
    CHECK(shared.calls_run.load() == shared.calls_made.load());
    CHECK(shared.works_run.load() == shared.works_made.load());
    CHECK(shared.deferred_run.load() == shared.deferred_made.load());
    CHECK(shared.timers_gone.load() == shared.timers_set.load());
    env().print("stress: seed={} cpus={} steps={} hash={:#x}\n", heddle::test::seed(), cpu::online_count(),
                steps, shared.hash.load());
    storage.reset();
}

} // namespace
} // namespace heddle::test

#pragma once

#include <cstddef>
#include <cstdint>

#include <mcp/schema/program.h>
#include <mcp/schema/value.h>

namespace mcp::schema {

/// The schema resources being applied, innermost first: what a dynamic reference looks through.
struct Scope {
  const Scope* outer;
  std::uint32_t resource;
};

/// One validation: what it may still spend, and where it is.
struct Run {
  explicit Run(const Program& applied)
      : program(applied), work(applied.max_work), depth(applied.max_depth) {}

  const Program& program;
  std::uint64_t work;
  std::size_t depth;  ///< what is left
  const Scope* scope = nullptr;
  const char* exhausted = nullptr;  ///< the limit that ended the validation

  bool spend(std::uint64_t steps) {
    if (steps > work) return give_up("max_work");
    work -= steps;
    return true;
  }

  /// Nothing is spent after this. Returns false.
  bool give_up(const char* limit);

  /// Runs a comparison on what is left of the limits.
  template <typename Compare>
  auto compare(Compare run_comparison) {
    CompareBudget budget{work, depth};
    auto result = run_comparison(budget);
    work = budget.work;
    if (budget.exhausted) give_up(budget.depth == 0 ? "max_validation_depth" : "max_work");
    return result;
  }

  bool equals(const Json& left, const Json& right) {
    return compare([&](CompareBudget& budget) { return equal(left, right, budget); });
  }

  /// Spends work; what it finds does not count when that runs out.
  const Node& target_of(const DynamicReference& reference);
};

/// One subschema inside another, for as long as this lives.
class Level {
 public:
  explicit Level(Run& run) : run_(run), entered_(run.depth-- != 0) {
    if (!entered_) run.give_up("max_validation_depth");
  }
  ~Level() { ++run_.depth; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

  bool entered() const { return entered_; }

 private:
  Run& run_;
  const bool entered_;
};

/// The resource of `node` is part of the scope for as long as this lives.
class Scoped {
 public:
  Scoped(Run& run, const Node& node) : run_(run), inner_{run.scope, node.resource} {
    if (inner_.outer == nullptr || inner_.outer->resource != node.resource) run.scope = &inner_;
  }
  ~Scoped() { run_.scope = inner_.outer; }
  Scoped(const Scoped&) = delete;
  Scoped& operator=(const Scoped&) = delete;

 private:
  Run& run_;
  const Scope inner_;
};

}  // namespace mcp::schema

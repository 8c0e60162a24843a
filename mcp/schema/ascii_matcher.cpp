#include <mcp/schema/ascii_matcher.h>

#include <algorithm>
#include <bitset>
#include <map>
#include <utility>

// The expression becomes a nondeterministic automaton (Thompson's construction), whose sets of
// states become the rows of the table.

namespace mcp::schema {
namespace {

constexpr std::size_t max_nodes = 300;  // of the nondeterministic automaton
constexpr std::size_t max_rows = 100;
constexpr std::size_t max_group_depth = 20;
constexpr std::size_t max_atoms = 2'000;
constexpr std::size_t max_steps = 200'000;

using Characters = std::bitset<128>;

struct NotSimple {};

struct Automaton {
  enum class Kind : std::uint8_t { character, both, begin, end, match };
  struct Node {
    Kind kind;
    Characters characters;
    std::size_t next = 0;
    std::size_t other = 0;  // of `both`
  };

  std::vector<Node> nodes;

  std::size_t add(Node node) {
    if (nodes.size() == max_nodes) throw NotSimple();
    nodes.push_back(node);
    return nodes.size() - 1;
  }
};

Characters range(unsigned char first, unsigned char last) {
  Characters set;
  for (std::size_t c = first; c <= last; ++c) set.set(c);
  return set;
}

// Builds from the end to the start: each piece is told what follows it.
class Parser {
 public:
  Parser(std::string_view text, Automaton& automaton) : text_(text), automaton_(automaton) {}

  std::size_t run() {
    const std::size_t match = automaton_.add({Automaton::Kind::match, {}, 0, 0});
    const std::size_t start = disjunction(match, 0);
    if (at_ != text_.size()) throw NotSimple();
    return start;
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }  // past it after a last backslash
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::size_t disjunction(std::size_t next, std::size_t depth) {
    if (depth > max_group_depth) throw NotSimple();
    std::size_t start = alternative(next, depth);
    while (take('|')) {
      const std::size_t other = alternative(next, depth);
      start = automaton_.add({Automaton::Kind::both, {}, start, other});
    }
    return start;
  }

  // The terms are found first, then built from the last to the first.
  std::size_t alternative(std::size_t next, std::size_t depth) {
    std::vector<std::pair<std::size_t, std::size_t>> terms;
    while (!at_end() && peek() != '|' && peek() != ')') {
      const std::size_t begin = at_;
      skip_atom();
      skip_quantifier();
      terms.emplace_back(begin, at_);
    }
    const std::size_t end = at_;
    for (auto term = terms.rbegin(); term != terms.rend(); ++term) {
      at_ = term->first;
      next = build_term(next, depth);
    }
    at_ = end;
    return next;
  }

  void skip_atom() {
    if (take('(')) {
      for (std::size_t open = 1; open > 0;) {
        if (at_end()) throw NotSimple();
        if (peek() == '[') {
          skip_class();
          continue;
        }
        if (peek() == '(') ++open;
        if (peek() == ')') --open;
        at_ += peek() == '\\' ? 2 : 1;
      }
    } else if (peek() == '[') {
      skip_class();
    } else if (take('\\')) {
      // The escapes that go on after their letter are not simple.
      if (std::string_view("ckpPux").find(peek()) != std::string_view::npos) throw NotSimple();
      ++at_;
    } else {
      ++at_;
    }
    if (at_ > text_.size()) throw NotSimple();
  }

  void skip_class() {
    for (; peek() != ']'; ++at_) {
      if (peek() == '\\') ++at_;
      if (at_ >= text_.size()) throw NotSimple();
    }
    ++at_;
  }

  struct Repeat {
    std::size_t least = 1, most = 1;
    bool unbounded = false;
  };

  void skip_quantifier() { static_cast<void>(quantifier()); }

  std::size_t number() {
    std::size_t value = 0;
    if (peek() < '0' || peek() > '9') throw NotSimple();
    for (; peek() >= '0' && peek() <= '9'; ++at_)
      value = std::min<std::size_t>(max_nodes, value * 10 + static_cast<std::size_t>(peek() - '0'));
    return value;
  }

  Repeat quantifier() {
    Repeat repeat;
    if (take('*')) {
      repeat = {0, 0, true};
    } else if (take('+')) {
      repeat = {1, 1, true};
    } else if (take('?')) {
      repeat = {0, 1, false};
    } else if (take('{')) {
      repeat.least = number();
      repeat.most = repeat.least;
      if (take(',')) {
        repeat.unbounded = peek() == '}';
        if (!repeat.unbounded) repeat.most = number();
      }
      if (!take('}')) throw NotSimple();
    } else {
      return repeat;
    }
    take('?');  // how much a repetition takes decides nothing about whether there is a match
    return repeat;
  }

  std::size_t build_term(std::size_t next, std::size_t depth) {
    const std::size_t begin = at_;
    if (peek() == '^' || peek() == '$') {
      const auto kind = peek() == '^' ? Automaton::Kind::begin : Automaton::Kind::end;
      ++at_;
      return automaton_.add({kind, {}, next, 0});
    }
    skip_atom();
    const Repeat repeat = quantifier();
    const auto build = [&](std::size_t after) {
      at_ = begin;
      return atom(after, depth);
    };
    if (repeat.unbounded) {
      const std::size_t loop = automaton_.add({Automaton::Kind::both, {}, 0, next});
      automaton_.nodes[loop].next = build(loop);
      next = loop;
    }
    for (std::size_t i = repeat.least; i < repeat.most; ++i)
      next = automaton_.add({Automaton::Kind::both, {}, build(next), next});
    for (std::size_t i = 0; i < repeat.least; ++i) next = build(next);
    return next;
  }

  std::size_t atom(std::size_t next, std::size_t depth) {
    // Repetitions of nothing inside each other add no nodes.
    if (++atoms_ > max_atoms) throw NotSimple();
    if (take('(')) {
      if (take('?') && !take(':')) throw NotSimple();
      const std::size_t start = disjunction(next, depth + 1);
      if (!take(')')) throw NotSimple();
      return start;
    }
    return automaton_.add({Automaton::Kind::character, characters(), next, 0});
  }

  Characters characters() {
    if (peek() == '[') return character_class();
    if (take('.')) return ~(single('\n') | single('\r'));
    if (peek() == '\\') return escape();
    if (peek() == '{') throw NotSimple();
    return single(text_[at_++]);
  }

  static Characters single(char c) {
    if (static_cast<unsigned char>(c) >= 128) throw NotSimple();
    return range(static_cast<unsigned char>(c), static_cast<unsigned char>(c));
  }

  Characters escape() {
    ++at_;
    if (at_end()) throw NotSimple();
    const char c = text_[at_++];
    const Characters digits = range('0', '9');
    const Characters words = digits | range('a', 'z') | range('A', 'Z') | single('_');
    const Characters spaces = range('\t', '\r') | single(' ');
    switch (c) {
      case 'd':
        return digits;
      case 'D':
        return ~digits;
      case 'w':
        return words;
      case 'W':
        return ~words;
      case 's':
        return spaces;
      case 'S':
        return ~spaces;
      case 't':
        return single('\t');
      case 'n':
        return single('\n');
      case 'r':
        return single('\r');
      default:
        if (words.test(static_cast<unsigned char>(c) & 127U)) throw NotSimple();
        return single(c);
    }
  }

  Characters character_class() {
    ++at_;
    const bool negated = take('^');
    Characters set;
    while (!take(']')) {
      if (at_end()) throw NotSimple();
      const Characters first = class_atom();
      if (peek() != '-' || at_ + 1 >= text_.size() || text_[at_ + 1] == ']') {
        set |= first;
        continue;
      }
      ++at_;
      const Characters last = class_atom();
      if (first.count() != 1 || last.count() != 1) throw NotSimple();
      set |= range(lowest(first), lowest(last));
    }
    return negated ? ~set : set;
  }

  Characters class_atom() { return peek() == '\\' ? escape() : single(text_[at_++]); }

  static unsigned char lowest(const Characters& set) {
    unsigned char c = 0;
    while (!set.test(c)) ++c;
    return c;
  }

  std::string_view text_;
  Automaton& automaton_;
  std::size_t at_ = 0;
  std::size_t atoms_ = 0;
};

}  // namespace

class AsciiMatcherBuilder {
 public:
  explicit AsciiMatcherBuilder(std::string_view pattern) {
    start_ = Parser(pattern, automaton_).run();
    find_columns();
    add_rows();
  }

  AsciiMatcher finish() { return std::move(result_); }

 private:
  using Set = std::vector<bool>;  // of nodes

  static constexpr std::uint16_t fails = 0;
  std::uint16_t succeeds() const { return static_cast<std::uint16_t>(result_.columns_); }
  std::uint16_t unknown() const { return static_cast<std::uint16_t>(2 * result_.columns_); }

  struct Where {
    bool begin, end;  // of the text
  };

  // Characters that no class tells apart share a column.
  void find_columns() {
    std::map<std::vector<bool>, std::uint8_t> known;
    for (std::size_t c = 0; c < 128; ++c) {
      std::vector<bool> classes;
      for (const auto& node : automaton_.nodes)
        if (node.kind == Automaton::Kind::character) classes.push_back(node.characters.test(c));
      const auto column = static_cast<std::uint8_t>(known.size());
      const auto [place, is_new] = known.try_emplace(std::move(classes), column);
      if (is_new) samples_.push_back(c);
      result_.column_[c] = place->second;
    }
    for (std::size_t c = 128; c < 256; ++c)
      result_.column_[c] = static_cast<std::uint8_t>(known.size());
    result_.columns_ = known.size() + 2;
  }

  void spend(std::size_t steps) {
    steps_ += steps;
    if (steps_ > max_steps) throw NotSimple();
  }

  // Adds a node and what is reached from it without a character.
  void reach(std::size_t first, Where where, Set& set) {
    std::vector<std::size_t> open = {first};
    while (!open.empty()) {
      const std::size_t index = open.back();
      open.pop_back();
      if (set[index]) continue;
      spend(1);
      set[index] = true;
      const auto& node = automaton_.nodes[index];
      const bool passes = node.kind == Automaton::Kind::both ||
                          (node.kind == Automaton::Kind::begin && where.begin) ||
                          (node.kind == Automaton::Kind::end && where.end);
      if (passes) open.push_back(node.next);
      if (node.kind == Automaton::Kind::both) open.push_back(node.other);
    }
  }

  bool has_match(const Set& set) const {
    for (std::size_t i = 0; i < set.size(); ++i)
      if (set[i] && automaton_.nodes[i].kind == Automaton::Kind::match) return true;
    return false;
  }

  // Whether the text may end here: what `end` holds back is let through.
  bool ends_well(const Set& set, bool begin) {
    Set reached(set.size());
    for (std::size_t i = 0; i < set.size(); ++i)
      if (set[i]) reach(i, {begin, true}, reached);
    return has_match(reached);
  }

  // What waits for a character, or for the end.
  bool is_dead(const Set& set) const {
    for (std::size_t i = 0; i < set.size(); ++i) {
      const auto kind = automaton_.nodes[i].kind;
      if (set[i] && kind != Automaton::Kind::both && kind != Automaton::Kind::begin) return false;
    }
    return true;
  }

  std::uint16_t row_of(const Set& set, bool begin) {
    if (has_match(set)) return succeeds();
    if (!begin && is_dead(set)) return fails;
    const auto [known, is_new] = rows_.try_emplace(
        {set, begin}, static_cast<std::uint16_t>((rows_.size() + 3) * result_.columns_));
    if (!is_new) return known->second;
    if (rows_.size() > max_rows) throw NotSimple();
    queue_.emplace_back(set);
    at_end_.push_back(ends_well(set, begin) ? succeeds() : fails);
    return known->second;
  }

  void add_rows() {
    for (const std::uint16_t row : {fails, succeeds(), unknown()})
      result_.next_.insert(result_.next_.end(), result_.columns_, row);
    Set first(automaton_.nodes.size());
    reach(start_, {true, false}, first);
    result_.start_ = row_of(first, true);
    for (std::size_t at = 0; at < queue_.size(); ++at) {
      const Set from = queue_[at];
      for (const std::size_t c : samples_) {
        spend(from.size() / 4);
        Set to(from.size());
        // A match may start anywhere.
        reach(start_, {false, false}, to);
        for (std::size_t i = 0; i < from.size(); ++i) {
          const auto& node = automaton_.nodes[i];
          if (from[i] && node.kind == Automaton::Kind::character && node.characters.test(c))
            reach(node.next, {false, false}, to);
        }
        result_.next_.push_back(row_of(to, false));
      }
      result_.next_.push_back(unknown());
      result_.next_.push_back(at_end_[at]);
    }
  }

  Automaton automaton_;
  std::size_t start_ = 0;
  std::size_t steps_ = 0;
  std::vector<std::size_t> samples_;  // a character of each column
  std::map<std::pair<Set, bool>, std::uint16_t> rows_;
  std::vector<Set> queue_;
  std::vector<std::uint16_t> at_end_;  // the row of a text that ends where a set of the queue is
  AsciiMatcher result_;
};

std::optional<AsciiMatcher> AsciiMatcher::make(std::string_view pattern) {
  try {
    return AsciiMatcherBuilder(pattern).finish();
  } catch (const NotSimple&) {
    return std::nullopt;
  }
}

}  // namespace mcp::schema

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// The two paths of an error, as they grow on the stack of whoever walks: into the instance, and
// into the schema. They are only spelled out for an error.

namespace mcp::schema {

struct Step {
  const Step* before;
  std::string_view name;
  std::size_t index;
  bool is_index;
};

/// The JSON pointer that ends with this step.
std::string to_pointer(const Step* last);

/// About the bytes of that pointer.
std::size_t length(const Step* last);

/// A member's name or an item's index.
struct Part {
  Part(const std::string& text) : name(text) {}                // NOLINT: a name is a part
  Part(std::string_view text) : name(text) {}                  // NOLINT
  Part(std::size_t number) : index(number), is_index(true) {}  // NOLINT: so is an index
  std::string_view name;
  std::size_t index = 0;
  bool is_index = false;
};

struct Here {
  const Step* instance = nullptr;
  const Step* schema = nullptr;
};

/// Some steps further, for as long as this object lives.
class Further {
 public:
  /// To what a keyword holds.
  Further(Here from, std::string_view keyword)
      : keyword_{from.schema, keyword, 0, false}, here_{from.instance, &keyword_} {}
  /// … to one part of what it holds.
  Further(Here from, std::string_view keyword, Part part) : Further(from, keyword) {
    part_ = {&keyword_, part.name, part.index, part.is_index};
    here_.schema = &part_;
  }
  /// The same, and to a child of the instance.
  Further(Here from, std::string_view keyword, Part part, Part child)
      : Further(from, keyword, part) {
    enter(from, child);
  }
  Further(Here from, std::string_view keyword, std::nullptr_t, Part child)
      : Further(from, keyword) {
    enter(from, child);
  }
  Further(const Further&) = delete;
  Further& operator=(const Further&) = delete;

  Here here() const { return here_; }

 private:
  void enter(Here from, Part child) {
    child_ = {from.instance, child.name, child.index, child.is_index};
    here_.instance = &child_;
  }

  Step keyword_;
  Step part_{};
  Step child_{};
  Here here_;
};

}  // namespace mcp::schema

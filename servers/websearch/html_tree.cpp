#include "servers/websearch/html_tree.h"

#include <gumbo.h>

#include <csetjmp>
#include <cstddef>
#include <cstdlib>

#include "servers/websearch/character.h"

namespace fairlead::websearch {

std::string_view Node::attribute(std::string_view attribute_name) const {
  for (const auto& [key, value] : attributes) {
    if (key == attribute_name) return value;
  }
  return {};
}

bool Node::has_attribute(std::string_view attribute_name) const {
  for (const auto& each : attributes) {
    if (each.first == attribute_name) return true;
  }
  return false;
}

/// Where gumbo's memory comes from. Gumbo frees a tree by recursion, as deep as the page wants, and
/// its work and memory can grow with the square of the page; so nothing is freed one by one, and
/// the arena leaves the parser when it has taken too much.
class HtmlTree::Arena {
 public:
  Arena(std::size_t most, const Deadline& deadline) : left_(most), deadline_(&deadline) {}
  ~Arena() {
    while (last_ != nullptr) {
      Block* before = last_->before;
      std::free(last_);  // NOLINT
      last_ = before;
    }
  }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// nullptr when the parser was left.
  GumboOutput* parse(std::string_view html) {
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = [](void* arena, std::size_t size) {
      return static_cast<Arena*>(arena)->allocate(size);
    };
    options.deallocator = [](void*, void*) {};
    options.userdata = this;
    options.max_errors = 0;
    // Only frames of gumbo, which is C, lie between here and the jump.
    if (setjmp(leave_) != 0) return nullptr;  // NOLINT
    GumboOutput* parsed = gumbo_parse_with_options(&options, html.data(), html.size());
    deadline_ = nullptr;
    return parsed;
  }

 private:
  struct Block {
    Block* before;
  };
  static constexpr std::size_t block_size = 256 * 1024;
  static constexpr std::size_t alignment = alignof(std::max_align_t);
  static constexpr std::size_t head = (sizeof(Block) + alignment - 1) / alignment * alignment;

  void* allocate(std::size_t size) {
    size = (size + alignment - 1) / alignment * alignment;
    if (size > room_) {
      const std::size_t wanted = std::max(block_size, size + head);
      auto* block = wanted > left_ ? nullptr : static_cast<Block*>(std::malloc(wanted));  // NOLINT
      if (block == nullptr) std::longjmp(leave_, 1);                                      // NOLINT
      left_ -= wanted;
      block->before = last_;
      last_ = block;
      next_ = reinterpret_cast<char*>(block) + head;
      room_ = wanted - head;
    }
    if (++allocations_ % 512 == 0 && deadline_->passed()) std::longjmp(leave_, 1);  // NOLINT
    void* out = next_;
    next_ += size;
    room_ -= size;
    return out;
  }

  std::size_t left_;
  const Deadline* deadline_;
  Block* last_ = nullptr;
  char* next_ = nullptr;
  std::size_t room_ = 0;
  std::size_t allocations_ = 0;
  std::jmp_buf leave_{};
};

HtmlTree::HtmlTree() = default;
HtmlTree::HtmlTree(HtmlTree&&) noexcept = default;
HtmlTree& HtmlTree::operator=(HtmlTree&&) noexcept = default;
HtmlTree::~HtmlTree() = default;

namespace {

struct Waiting {
  const GumboNode* node;
  Node* parent;
  std::size_t depth;
};

std::string_view element_name(const GumboElement& element, std::deque<std::string>& names) {
  if (element.tag != GUMBO_TAG_UNKNOWN) return gumbo_normalized_tagname(element.tag);
  GumboStringPiece piece = element.original_tag;
  gumbo_tag_from_original_text(&piece);
  if (piece.length == 0) return "unknown";
  names.push_back(to_lower(std::string_view(piece.data, piece.length)));
  return names.back();
}

}  // namespace

std::optional<HtmlTree> HtmlTree::parse(std::string_view html, const TreeLimits& limits,
                                        const Deadline& deadline) {
  HtmlTree tree;
  tree.arena_ = std::make_unique<Arena>(limits.memory_bytes, deadline);
  const GumboOutput* parsed = tree.arena_->parse(html);
  if (parsed == nullptr || parsed->root == nullptr) return std::nullopt;

  std::vector<Waiting> waiting{{parsed->root, nullptr, 0}};
  while (!waiting.empty() && tree.nodes_.size() < limits.nodes) {
    const auto [from, parent, depth] = waiting.back();
    waiting.pop_back();
    if (from->type != GUMBO_NODE_ELEMENT) {
      const bool text = from->type == GUMBO_NODE_TEXT || from->type == GUMBO_NODE_WHITESPACE ||
                        from->type == GUMBO_NODE_CDATA;
      if (!text || parent == nullptr) continue;
      tree.nodes_.push_back({.text = from->v.text.text, .parent = parent});
      tree.nodes_.back().number = tree.nodes_.size() - 1;
      parent->children.push_back(&tree.nodes_.back());
      continue;
    }
    const GumboElement& element = from->v.element;
    Node* node = parent;
    if (parent == nullptr || depth < limits.depth) {
      tree.nodes_.push_back({.name = element_name(element, tree.names_), .parent = parent});
      node = &tree.nodes_.back();
      node->number = tree.nodes_.size() - 1;
      for (unsigned i = 0; i < element.attributes.length; ++i) {
        const auto* attribute = static_cast<const GumboAttribute*>(element.attributes.data[i]);
        node->attributes.emplace_back(attribute->name, attribute->value);
      }
      if (parent != nullptr) parent->children.push_back(node);
    }
    for (unsigned i = element.children.length; i > 0; --i) {
      waiting.push_back(
          {static_cast<const GumboNode*>(element.children.data[i - 1]), node, depth + 1});
    }
  }
  return tree;
}

const Node* HtmlTree::first(std::string_view name) const {
  for (const Node& node : nodes_) {
    if (node.is(name)) return &node;
  }
  return nullptr;
}

std::string text_of(const Node& node) {
  std::string text;
  std::vector<const Node*> waiting{&node};
  while (!waiting.empty()) {
    const Node& at = *waiting.back();
    waiting.pop_back();
    text += at.text;
    if (at.is("br")) text += ' ';
    if (at.is("script") || at.is("style")) continue;
    waiting.insert(waiting.end(), at.children.rbegin(), at.children.rend());
  }
  return collapsed(text);
}

}  // namespace fairlead::websearch

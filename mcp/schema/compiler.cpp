#include <mcp/schema/compiler.h>

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>
#include <utility>

#include <mcp/base/json_pointer.h>
#include <mcp/base/number_text.h>
#include <mcp/schema/documents.h>
#include <mcp/schema/ecma_regex.h>
#include <mcp/schema/in_place_cycle.h>
#include <mcp/schema/shortcuts.h>
#include <mcp/schema/value.h>

namespace mcp::schema {
namespace {

constexpr std::size_t max_patterns = 1000;
// What a pattern may keep while it is used; a large one takes the second if there is room.
constexpr std::int64_t usual_memory = 128 << 10, large_memory = 2 << 20;
constexpr std::int64_t max_pattern_memory = 128 << 20;  // of all
constexpr std::size_t max_divisor_digits = 1000;

bool deeper_than(const Json& value, std::size_t levels) {
  if (!value.is_structured()) return false;
  if (levels == 0) return true;
  return std::any_of(value.begin(), value.end(),
                     [levels](const Json& child) { return deeper_than(child, levels - 1); });
}

template <typename Rules>
Rules& need(std::unique_ptr<Rules>& rules) {
  if (!rules) rules = std::make_unique<Rules>();
  return *rules;
}

class Compiler {
 public:
  explicit Compiler(const CompileOptions& options) : options_(options), documents_(options) {}

  std::shared_ptr<const Program> run(const Json& schema) {
    program_->max_depth = options_.max_validation_depth;
    program_->max_work = options_.max_work;
    const Place& root = documents_.add_root(schema);
    program_->root = node_for(root);
    drain();
    link_dynamic_anchors();
    if (const Node* node = find_in_place_cycle(*program_))
      fail_at(documents_.resources()[node->resource], node->pointer,
              "the schema applies itself to the same value without end; a recursive reference must "
              "stand under a keyword that descends, such as properties or items");
    add_shortcuts(*program_);
    return std::move(program_);
  }

 private:
  [[noreturn]] void fail(std::string_view keyword, const std::string& message) const {
    std::string path = place_->pointer;
    append_json_pointer(path, keyword);
    fail_at(*place_->resource, path, message);
  }

  // Compiles later: schemas may refer to each other in circles, and to any depth.
  const Node* node_for(const Place& place) {
    auto [known, is_new] = nodes_.try_emplace(place.schema, nullptr);
    if (is_new) {
      known->second = program_->nodes.emplace_back(std::make_unique<Node>()).get();
      queue_.emplace_back(&place, known->second);
    }
    return known->second;
  }
  const Node* node_for(const Json& schema) { return node_for(documents_.at(schema)); }

  // Subschemas that nothing may ever apply are compiled all the same, for the mistakes in them.
  void definitions() {
    const Rules& rules = place_->resource->rules;
    for (const char* keyword : {"$defs", "definitions"}) {
      const Json* value = find(keyword);
      if (value == nullptr || subschemas_of(keyword, rules) == Holds::nothing) continue;
      for (const Json& definition : *value) node_for(definition);
    }
    if (const Json* value = find("contentSchema");
        value != nullptr && subschemas_of("contentSchema", rules) != Holds::nothing)
      node_for(*value);
  }

  void drain() {
    while (!queue_.empty()) {
      auto [place, node] = queue_.back();
      queue_.pop_back();
      place_ = place;
      schema_ = place->schema;
      compile(*node);
    }
  }

  void compile(Node& node) {
    node.resource = place_->resource->index;
    node.pointer = place_->pointer;
    if (schema_->is_boolean()) {
      node.never = !schema_->get<bool>();
      node.types = node.never ? 0 : type_bit::any;
      return;
    }
    const Rules& rules = place_->resource->rules;
    reference(node);
    if (!(rules.draft_07() && schema_->contains("$ref"))) {
      definitions();
      if (rules.validation) validation(node);
      if (rules.applicator) applicators(node);
      finish_members(node);
      if (rules.unevaluated && !rules.draft_07()) unevaluated(node);
      if (rules.assert_format) format(node);
      if ((rules.assert_format && rules.draft_07()) || options_.assert_content) content(node);
    }
  }

  const Json* find(const char* keyword) const {
    const auto member = schema_->find(keyword);
    return member == schema_->end() ? nullptr : &*member;
  }

  const Json::array_t* find_array(const char* keyword) const {
    const Json* value = find(keyword);
    if (value == nullptr) return nullptr;
    if (!value->is_array()) fail(keyword, "must be an array, not " + show(*value));
    return value->get_ptr<const Json::array_t*>();
  }

  const Json::object_t* find_object(const char* keyword) const {
    const Json* value = find(keyword);
    if (value == nullptr) return nullptr;
    if (!value->is_object()) fail(keyword, "must be an object, not " + show(*value));
    return value->get_ptr<const Json::object_t*>();
  }

  const Node* find_schema(const char* keyword) {
    const Json* value = find(keyword);
    return value == nullptr ? nullptr : node_for(*value);
  }

  std::vector<const Node*> find_schemas(const char* keyword) {
    std::vector<const Node*> result;
    if (const Json::array_t* schemas = find_array(keyword)) {
      if (schemas->empty()) fail(keyword, "must hold at least one schema");
      for (const Json& schema : *schemas) result.push_back(node_for(schema));
    }
    return result;
  }

  template <typename Apply>
  void count(const char* keyword, Apply apply) {
    const Json* value = find(keyword);
    if (value == nullptr) return;
    const auto number = to_count(*value);
    if (!number) fail(keyword, "must be an integer of at least 0, not " + show(*value));
    apply(*number);
  }

  std::vector<std::string> names(const char* keyword, const Json& value) const {
    std::vector<std::string> result;
    if (!value.is_array()) fail(keyword, "must be an array of names, not " + show(value));
    for (const Json& name : value) {
      if (!name.is_string()) fail(keyword, "must hold nothing but strings, not " + show(name));
      result.push_back(name.get<std::string>());
    }
    return result;
  }

  Pattern compile_pattern(const char* keyword, const std::string& source) {
    Pattern& known = patterns_[source];
    if (!known.expression) {
      if (patterns_.size() > max_patterns)
        fail(keyword, "more than " + std::to_string(max_patterns) + " different patterns");
      known = {source, make_expression(keyword, source), nullptr};
      known.program_size = static_cast<std::size_t>(known.expression->ProgramSize());
      pattern_steps_ += known.program_size;
      if (pattern_steps_ > options_.max_pattern_steps)
        fail(keyword, "all patterns together need more than " +
                          std::to_string(options_.max_pattern_steps) +
                          " steps (max_pattern_steps): use simpler patterns, shorter repeats");
      if (auto simple = AsciiMatcher::make(source))
        known.simple = std::make_shared<const AsciiMatcher>(std::move(*simple));
    }
    return known;
  }

  std::shared_ptr<const re2::RE2> make_expression(const char* keyword, const std::string& source) {
    std::string translated;
    try {
      translated = to_re2_syntax(source);
    } catch (const PatternError& error) {
      fail(keyword, "the pattern " + quote(source) + " can't be used: at character " +
                        std::to_string(error.position() + 1) + ", " + error.what());
    }
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_never_capture(true);
    std::shared_ptr<const re2::RE2> expression;
    for (const std::int64_t memory : {usual_memory, large_memory}) {
      if (pattern_memory_ + memory > max_pattern_memory) break;
      options.set_max_mem(memory);
      expression = std::make_shared<const re2::RE2>(translated, options);
      if (expression->error_code() == re2::RE2::ErrorPatternTooLarge) continue;
      pattern_memory_ += memory;
      break;
    }
    if (!expression || !expression->ok())
      fail(keyword, "the pattern " + quote(source) + " can't be used: " +
                        (expression ? expression->error() : "too many large patterns before it"));
    return expression;
  }

  void reference(Node& node) {
    const bool draft_07 = place_->resource->rules.draft_07();
    if (const Json* value = find("$ref")) {
      if (!value->is_string()) fail("$ref", "must be a URI reference, not " + show(*value));
      need(node.logic).reference =
          node_for(documents_.resolve(*place_, "$ref", value->get<std::string>()));
    }
    const Json* value = draft_07 ? nullptr : find("$dynamicRef");
    if (value == nullptr) return;
    if (!value->is_string()) fail("$dynamicRef", "must be a URI reference, not " + show(*value));
    const auto uri = value->get<std::string>();
    const Place& target = documents_.resolve(*place_, "$dynamicRef", uri);
    DynamicReference result{node_for(target), 0};
    // It is dynamic only if what it leads to first is a dynamic anchor of that name.
    const std::size_t hash = uri.find('#');
    const std::string anchor = hash == uri.npos ? "" : uri.substr(hash + 1);
    const auto& dynamic = target.resource->dynamic_anchors;
    const auto found = dynamic.find(anchor);
    result.anchor =
        found != dynamic.end() && found->second == target.schema ? number_of(anchor) : 0;
    if (result.anchor != 0) program_->dynamic = true;
    need(node.logic).dynamic_reference = result;
  }

  std::uint32_t number_of(const std::string& anchor) {
    const auto next = static_cast<std::uint32_t>(anchors_.size() + 1);
    const auto [known, is_new] = anchors_.try_emplace(anchor, next);
    if (is_new) named_anchors_.push_back(known->first);
    return known->second;
  }

  void validation(Node& node) {
    type(node);
    if (const Json* value = find("const")) {
      refuse_deep("const", *value);
      node.choices.push_back({"const", {*value}, {}, false});
    }
    enumeration(node);
    numbers(node);
    strings(node);
    count("minItems", [&](std::size_t n) { need(node.array).min_items = n; });
    count("maxItems", [&](std::size_t n) { need(node.array).max_items = n; });
    if (const Json* value = find("uniqueItems")) {
      if (!value->is_boolean()) fail("uniqueItems", "must be a boolean, not " + show(*value));
      if (value->get<bool>()) need(node.array).unique = true;
    }
    count("minProperties", [&](std::size_t n) { need(node.object).min_properties = n; });
    count("maxProperties", [&](std::size_t n) { need(node.object).max_properties = n; });
    if (const Json* value = find("required"))
      for (const std::string& name : names("required", *value)) members_[name].required = true;
    if (place_->resource->rules.draft_07()) return;
    if (const Json::object_t* lists = find_object("dependentRequired"))
      for (const auto& [name, list] : *lists)
        need(node.object)
            .dependencies.push_back(
                {name, names("dependentRequired", list), nullptr, "dependentRequired"});
  }

  // Comparing and copying values goes as deep as they do.
  void refuse_deep(const char* keyword, const Json& value) const {
    if (deeper_than(value, options_.max_schema_depth))
      fail(keyword, "arrays and objects stand more than " +
                        std::to_string(options_.max_schema_depth) +
                        " levels inside each other (max_schema_depth)");
  }

  void type(Node& node) const {
    const Json* value = find("type");
    if (value == nullptr) return;
    const bool several = value->is_array();
    if (!several && !value->is_string())
      fail("type", "must be a type's name or an array of them, not " + show(*value));
    if (several && value->empty()) fail("type", "must hold at least one type");
    node.types = 0;
    const auto add = [&](const Json& name) {
      constexpr std::array<std::pair<std::string_view, std::uint8_t>, 7> types = {
          {{"null", type_bit::null},
           {"boolean", type_bit::boolean},
           {"integer", type_bit::integer},
           {"number", type_bit::number},
           {"string", type_bit::string},
           {"array", type_bit::array},
           {"object", type_bit::object}}};
      for (const auto& [known, bit] : types)
        if (name == known) return void(node.types |= bit);
      fail("type", show(name) +
                       " is no type; there are null, boolean, integer, number, string, array "
                       "and object");
    };
    if (several)
      for (const Json& name : *value) add(name);
    else
      add(*value);
  }

  void enumeration(Node& node) {
    const Json::array_t* values = find_array("enum");
    if (values == nullptr) return;
    refuse_deep("enum", *find("enum"));
    node.choices.push_back({"enum", *values, {}, false});
  }

  void numbers(Node& node) {
    const auto limit = [&](const char* keyword, std::optional<Json> NumberRules::*rule) {
      const Json* value = find(keyword);
      if (value == nullptr) return;
      if (!is_number(*value)) fail(keyword, "must be a number, not " + show(*value));
      need(node.number).*rule = *value;
      node.number->limits_cost += text_cost(*value);
    };
    limit("minimum", &NumberRules::minimum);
    limit("maximum", &NumberRules::maximum);
    limit("exclusiveMinimum", &NumberRules::exclusive_minimum);
    limit("exclusiveMaximum", &NumberRules::exclusive_maximum);
    limit("multipleOf", &NumberRules::multiple_of);
    if (!node.number || !node.number->multiple_of) return;
    const Decimal divisor = to_decimal(*node.number->multiple_of);
    if (divisor.negative || divisor.digits.empty())
      fail("multipleOf", "must be more than 0, not " + show(*node.number->multiple_of));
    if (divisor.digits.size() > max_divisor_digits)
      fail("multipleOf", "has more than " + std::to_string(max_divisor_digits) + " digits");
    node.number->divisor_digits = divisor.digits.size();
  }

  void strings(Node& node) {
    count("minLength", [&](std::size_t n) { need(node.string).min_length = n; });
    count("maxLength", [&](std::size_t n) { need(node.string).max_length = n; });
    if (const Json* value = find("pattern")) {
      if (!value->is_string()) fail("pattern", "must be a string, not " + show(*value));
      need(node.string).pattern = compile_pattern("pattern", value->get<std::string>());
    }
  }

  void format(Node& node) {
    const Json* value = find("format");
    if (value == nullptr) return;
    if (!value->is_string()) fail("format", "must be a string, not " + show(*value));
    if (const Format* known = find_format(value->get_ref<const std::string&>()))
      need(node.string).format = known;
  }

  void content(Node& node) {
    const auto text = [this](const char* keyword) {
      const Json* value = find(keyword);
      const auto* known = value != nullptr ? value->get_ptr<const std::string*>() : nullptr;
      return known != nullptr ? std::string_view(*known) : std::string_view();
    };
    if (const Content* known = find_content(text("contentEncoding"), text("contentMediaType")))
      need(node.string).content = known;
  }

  void finish_members(Node& node) {
    for (const auto& [name, named] : members_)
      need(node.object).members.push_back({KnownText(name), named.node, named.required});
    if (!members_.empty()) node.object->skip_cost = members_.size() / 16;
    members_.clear();
  }

  void applicators(Node& node) {
    LogicRules logic;
    logic.all_of = find_schemas("allOf");
    logic.any_of.nodes = find_schemas("anyOf");
    logic.one_of.nodes = find_schemas("oneOf");
    logic.negated = find_schema("not");
    logic.condition = find_schema("if");
    logic.consequence = find_schema("then");
    logic.alternative = find_schema("else");
    const bool conditional = logic.condition != nullptr &&
                             (logic.consequence != nullptr || logic.alternative != nullptr ||
                              !place_->resource->rules.draft_07());
    if (!logic.all_of.empty() || !logic.any_of.nodes.empty() || !logic.one_of.nodes.empty() ||
        logic.negated != nullptr || conditional) {
      LogicRules& target = need(node.logic);
      target.all_of = std::move(logic.all_of);
      target.any_of = std::move(logic.any_of);
      target.one_of = std::move(logic.one_of);
      target.negated = logic.negated;
      if (conditional) {
        target.condition = logic.condition;
        target.consequence = logic.consequence;
        target.alternative = logic.alternative;
      }
    }
    array_applicators(node);
    object_applicators(node);
  }

  void array_applicators(Node& node) {
    const bool draft_07 = place_->resource->rules.draft_07();
    const Json* items = find("items");
    if (draft_07 && items != nullptr && items->is_array()) {
      ArrayRules& array = need(node.array);
      for (const Json& item : *items) array.prefix.push_back(node_for(item));
      array.rest = find_schema("additionalItems");
      array.prefix_keyword = "items";
      array.rest_keyword = "additionalItems";
    } else if (items != nullptr) {
      need(node.array).rest = node_for(*items);
    }
    if (!draft_07 && find("prefixItems") != nullptr)
      need(node.array).prefix = find_schemas("prefixItems");
    if (const Json* contains = find("contains")) {
      ArrayRules& array = need(node.array);
      array.contains = node_for(*contains);
      array.contains_evaluates = !draft_07;
    }
    if (draft_07 || !place_->resource->rules.validation) return;
    // Without `contains` they mean nothing, but have to be counts.
    std::size_t least = 1;
    std::size_t most = unbounded;
    count("minContains", [&](std::size_t n) { least = n; });
    count("maxContains", [&](std::size_t n) { most = n; });
    if (!node.array || node.array->contains == nullptr) return;
    node.array->min_contains = least;
    node.array->max_contains = most;
  }

  void object_applicators(Node& node) {
    if (const Json::object_t* properties = find_object("properties"))
      for (const auto& [name, schema] : *properties) members_[name].node = node_for(schema);
    if (const Json::object_t* patterns = find_object("patternProperties"))
      for (const auto& [pattern, schema] : *patterns)
        need(node.object)
            .patterns.emplace_back(compile_pattern("patternProperties", pattern), node_for(schema));
    if (const Json* value = find("additionalProperties"))
      need(node.object).additional = node_for(*value);
    if (const Json* value = find("propertyNames")) need(node.object).names = node_for(*value);
    if (const Json::object_t* dependencies = find_object("dependencies"))
      for (const auto& [name, value] : *dependencies) {
        Dependency dependency{name, {}, nullptr, "dependencies"};
        if (value.is_array())
          dependency.required = names("dependencies", value);
        else
          dependency.node = node_for(value);
        need(node.object).dependencies.push_back(std::move(dependency));
      }
    if (place_->resource->rules.draft_07()) return;
    if (const Json::object_t* schemas = find_object("dependentSchemas"))
      for (const auto& [name, schema] : *schemas)
        need(node.object).dependencies.push_back({name, {}, node_for(schema), "dependentSchemas"});
  }

  void unevaluated(Node& node) {
    if (const Json* value = find("unevaluatedItems"))
      need(node.array).unevaluated = node_for(*value);
    if (const Json* value = find("unevaluatedProperties"))
      need(node.object).unevaluated = node_for(*value);
  }

  // What a dynamic reference may mean: every resource's anchor of a name that is referred to.
  // Compiling one may reach further references and resources; each pair is looked at once.
  void link_dynamic_anchors() {
    std::map<std::string_view, std::vector<std::pair<std::uint32_t, const Json*>>> unlinked;
    std::size_t resources = 0;
    std::size_t names = 0;
    while (resources < documents_.resources().size() || names < named_anchors_.size()) {
      for (; resources < documents_.resources().size(); ++resources) {
        const Resource& resource = documents_.resources()[resources];
        program_->resources.push_back({resource.uri, {}});
        for (const auto& [name, schema] : resource.dynamic_anchors) {
          const auto known = anchors_.find(name);
          if (known != anchors_.end() && known->second <= names)
            link(resource.index, known->second, *schema);
          else
            unlinked[name].emplace_back(resource.index, schema);
        }
      }
      for (; names < named_anchors_.size(); ++names) {
        const auto known = unlinked.find(named_anchors_[names]);
        if (known == unlinked.end()) continue;
        for (const auto& [resource, schema] : known->second)
          link(resource, static_cast<std::uint32_t>(names + 1), *schema);
        unlinked.erase(known);
      }
      drain();
    }
    for (ProgramResource& resource : program_->resources)
      std::sort(resource.dynamic_anchors.begin(), resource.dynamic_anchors.end());
  }

  void link(std::uint32_t resource, std::uint32_t anchor, const Json& schema) {
    program_->resources[resource].dynamic_anchors.emplace_back(anchor, node_for(schema));
  }

  const CompileOptions& options_;
  Documents documents_;
  std::shared_ptr<Program> program_ = std::make_shared<Program>();
  std::unordered_map<const Json*, Node*> nodes_;
  std::vector<std::pair<const Place*, Node*>> queue_;
  std::map<std::string, Pattern, std::less<>> patterns_;
  std::size_t pattern_steps_ = 0;
  std::int64_t pattern_memory_ = 0;
  std::map<std::string, std::uint32_t, std::less<>> anchors_;  // numbered from 1
  std::vector<std::string_view> named_anchors_;                // in the order of their numbers
  struct NamedMember {
    const Node* node = nullptr;
    bool required = false;
  };
  std::map<std::string, NamedMember> members_;  // of the node that is being compiled
  const Place* place_ = nullptr;                // what is being compiled
  const Json* schema_ = nullptr;
};

}  // namespace

std::shared_ptr<const Program> compile_program(const Json& schema, const CompileOptions& options) {
  return Compiler(options).run(schema);
}

}  // namespace mcp::schema

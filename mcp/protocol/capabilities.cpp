#include <mcp/protocol/capabilities.h>

#include <mcp/protocol/object_reader.h>
#include <mcp/protocol/object_writer.h>

namespace mcp {

using protocol::ObjectReader;
using protocol::ObjectWriter;

namespace {

Json list_capability(const ListCapability& capability) {
  return ObjectWriter().flag("listChanged", capability.list_changed).take();
}

/// A capability that is there when its member is an object.
bool declares(const ObjectReader& in, const char* name) {
  return !in.optional_object(name).is_null();
}

template <class T, class Function>
void read_capability(std::optional<T>& capability, const ObjectReader& in, const char* name,
                     Function&& function) {
  const Json* value = in.find(name);
  if (!value) return;
  protocol::at(name, [&] { capability = function(ObjectReader(*value)); });
}

}  // namespace

bool can(const ClientCapabilities& capabilities, ClientFeature feature) {
  switch (feature) {
    case ClientFeature::elicit_form:
      return capabilities.elicitation && capabilities.elicitation->form;
    case ClientFeature::elicit_url:
      return capabilities.elicitation && capabilities.elicitation->url;
    case ClientFeature::sampling:
      return capabilities.sampling.has_value();
    case ClientFeature::sampling_tools:
      return capabilities.sampling && capabilities.sampling->tools;
    case ClientFeature::roots:
      return capabilities.roots.has_value();
  }
  return false;
}

Json required_capabilities(ClientFeature feature) {
  auto nothing = Json::object();
  switch (feature) {
    case ClientFeature::elicit_form:
      return {{"elicitation", {{"form", nothing}}}};
    case ClientFeature::elicit_url:
      return {{"elicitation", {{"url", nothing}}}};
    case ClientFeature::sampling:
      return {{"sampling", nothing}};
    case ClientFeature::sampling_tools:
      return {{"sampling", {{"tools", nothing}}}};
    case ClientFeature::roots:
      return {{"roots", nothing}};
  }
  return nothing;
}

std::string_view describe_missing(ClientFeature feature) {
  switch (feature) {
    case ClientFeature::elicit_form:
      return "the client can not show a form (capability elicitation.form)";
    case ClientFeature::elicit_url:
      return "the client can not open a page for the user (capability elicitation.url)";
    case ClientFeature::sampling:
      return "the client does not lend its model (capability sampling)";
    case ClientFeature::sampling_tools:
      return "the client's model can not use tools (capability sampling.tools)";
    case ClientFeature::roots:
      return "the client does not tell its roots (capability roots)";
  }
  return {};
}

Json to_json(const ClientCapabilities& capabilities, Revision revision) {
  ObjectWriter out;
  if (capabilities.roots) {
    bool list_changed = capabilities.roots->list_changed && has_roots_list_changed(revision);
    out.set("roots", ObjectWriter().flag("listChanged", list_changed).take());
  }
  if (capabilities.sampling) {
    ObjectWriter sampling;
    if (has_sampling_tools(revision)) {
      if (capabilities.sampling->context) sampling.set("context", Json::object());
      if (capabilities.sampling->tools) sampling.set("tools", Json::object());
    }
    out.set("sampling", sampling.take());
  }
  if (capabilities.elicitation && has_elicitation(revision)) {
    const ElicitationCapability& elicitation = *capabilities.elicitation;
    if (has_elicitation_url(revision)) {
      ObjectWriter modes;
      if (elicitation.form) modes.set("form", Json::object());
      if (elicitation.url) modes.set("url", Json::object());
      out.set("elicitation", modes.take());
    } else if (elicitation.form) {
      out.set("elicitation", Json::object());
    }
  }
  if (has_core_tasks(revision)) out.object("tasks", capabilities.tasks);
  out.object("experimental", capabilities.experimental);
  if (has_extensions(revision)) out.object("extensions", capabilities.extensions);
  return out.take();
}

Json to_json(const ServerCapabilities& capabilities, Revision revision) {
  ObjectWriter out;
  if (capabilities.logging) out.set("logging", Json::object());
  if (capabilities.completions && has_completions(revision)) {
    out.set("completions", Json::object());
  }
  if (capabilities.prompts) out.set("prompts", list_capability(*capabilities.prompts));
  if (capabilities.resources) {
    out.set("resources", ObjectWriter()
                             .flag("subscribe", capabilities.resources->subscribe)
                             .flag("listChanged", capabilities.resources->list_changed)
                             .take());
  }
  if (capabilities.tools) out.set("tools", list_capability(*capabilities.tools));
  if (has_core_tasks(revision)) out.object("tasks", capabilities.tasks);
  out.object("experimental", capabilities.experimental);
  if (has_extensions(revision)) out.object("extensions", capabilities.extensions);
  return out.take();
}

template <>
ClientCapabilities from_json<ClientCapabilities>(const Json& value) {
  ObjectReader in(value);
  ClientCapabilities capabilities{.tasks = in.optional_object("tasks"),
                                  .experimental = in.optional_object("experimental"),
                                  .extensions = in.optional_object("extensions")};
  read_capability(capabilities.roots, in, "roots", [](const ObjectReader& roots) {
    return RootsCapability{roots.get_or<bool>("listChanged", false)};
  });
  read_capability(capabilities.sampling, in, "sampling", [](const ObjectReader& sampling) {
    return SamplingCapability{declares(sampling, "context"), declares(sampling, "tools")};
  });
  read_capability(capabilities.elicitation, in, "elicitation", [](const ObjectReader& modes) {
    bool form = declares(modes, "form");
    bool url = declares(modes, "url");
    return ElicitationCapability{.form = form || !url, .url = url};
  });
  return capabilities;
}

template <>
ServerCapabilities from_json<ServerCapabilities>(const Json& value) {
  ObjectReader in(value);
  ServerCapabilities capabilities{.logging = declares(in, "logging"),
                                  .completions = declares(in, "completions"),
                                  .tasks = in.optional_object("tasks"),
                                  .experimental = in.optional_object("experimental"),
                                  .extensions = in.optional_object("extensions")};
  auto listed = [](const ObjectReader& list) {
    return ListCapability{list.get_or<bool>("listChanged", false)};
  };
  read_capability(capabilities.prompts, in, "prompts", listed);
  read_capability(capabilities.tools, in, "tools", listed);
  read_capability(capabilities.resources, in, "resources", [](const ObjectReader& resources) {
    return ResourcesCapability{.subscribe = resources.get_or<bool>("subscribe", false),
                               .list_changed = resources.get_or<bool>("listChanged", false)};
  });
  return capabilities;
}

}  // namespace mcp

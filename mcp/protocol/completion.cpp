#include <mcp/protocol/completion.h>

#include <algorithm>

#include <mcp/protocol/meta.h>
#include <mcp/protocol/object_reader.h>
#include <mcp/protocol/object_writer.h>

namespace mcp {

using protocol::ObjectReader;
using protocol::ObjectWriter;

Json to_json(const CompleteParams& params, Revision revision) {
  ObjectWriter ref;
  if (const auto* prompt = std::get_if<PromptReference>(&params.ref)) {
    ref.set("type", "ref/prompt").set("name", prompt->name);
  } else {
    ref.set("type", "ref/resource").set("uri", std::get<ResourceTemplateReference>(params.ref).uri);
  }
  ObjectWriter out;
  out.set("ref", ref.take())
      .set("argument", ObjectWriter()
                           .set("name", params.argument_name)
                           .set("value", params.argument_value)
                           .take());
  if (has_completion_context(revision) && !params.context.empty()) {
    out.set("context", ObjectWriter().set("arguments", params.context).take());
  }
  return out.take();
}

Json to_json(const CompleteResult& result, Revision revision) {
  bool cut = result.values.size() > max_completion_values;
  auto end = result.values.begin() +
             static_cast<std::ptrdiff_t>(std::min(result.values.size(), max_completion_values));
  ObjectWriter completion;
  completion.set("values", Json(std::vector<std::string>(result.values.begin(), end)))
      .flag("hasMore", result.has_more || cut);
  if (result.total) {
    completion.set("total", *result.total);
  } else if (cut && !result.has_more) {
    completion.set("total", result.values.size());
  }
  Json json = ObjectWriter().set("completion", completion.take()).meta(result.meta).take();
  add_result_type(json, ResultType::complete, revision);
  return json;
}

template <>
CompleteParams from_json<CompleteParams>(const Json& value) {
  ObjectReader in(value);
  CompleteParams params;
  protocol::at("ref", [&] {
    ObjectReader ref(in.required("ref"));
    auto type = ref.get<std::string>("type");
    if (type == "ref/prompt") {
      params.ref = PromptReference{ref.get<std::string>("name")};
    } else if (type == "ref/resource") {
      params.ref = ResourceTemplateReference{ref.get<std::string>("uri")};
    } else {
      throw Malformed("/type", "expected \"ref/prompt\" or \"ref/resource\"");
    }
  });
  protocol::at("argument", [&] {
    ObjectReader argument(in.required("argument"));
    params.argument_name = argument.get<std::string>("name");
    params.argument_value = argument.get<std::string>("value");
  });
  if (const Json* context = in.find("context")) {
    protocol::at("context",
                 [&] { params.context = ObjectReader(*context).optional_texts("arguments"); });
  }
  return params;
}

template <>
CompleteResult from_json<CompleteResult>(const Json& value) {
  ObjectReader in(value);
  CompleteResult result{.meta = in.meta()};
  protocol::at("completion", [&] {
    ObjectReader completion(in.required("completion"));
    result.values = completion.list<std::string>("values");
    result.total = completion.optional<std::uint64_t>("total");
    result.has_more = completion.get_or<bool>("hasMore", false);
  });
  return result;
}

}  // namespace mcp

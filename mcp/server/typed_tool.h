#pragma once

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include <mcp/schema/describe.h>
#include <mcp/server/handlers.h>

// Tools whose schemas come from C++ types: a layer on the raw form.

namespace mcp::server {

/// The first parameter's type and the result of a callable.
template <class F>
struct Signature : Signature<decltype(&F::operator())> {};
template <class R, class C, class In, class... Rest>
struct Signature<R (C::*)(In, Rest...) const> : Signature<R (*)(In, Rest...)> {};
template <class R, class C, class In, class... Rest>
struct Signature<R (C::*)(In, Rest...)> : Signature<R (*)(In, Rest...)> {};
template <class R, class In, class... Rest>
struct Signature<R (*)(In, Rest...)> {
  using Input = std::remove_cvref_t<In>;
  using Output = R;
};

template <class Out>
inline constexpr bool is_described_output =
    !std::is_void_v<Out> && !std::is_same_v<Out, ToolResult> && !std::is_same_v<Out, std::string>;

/// Whatever a typed handler returns, as a result.
template <class Out>
ToolResult to_tool_result(Out output) {
  if constexpr (std::is_same_v<Out, ToolResult>) {
    return output;
  } else if constexpr (std::is_same_v<Out, std::string>) {
    return text(std::move(output));
  } else {
    return structured(encode<Out>(output));
  }
}

/// The raw form of a typed tool.
struct RawTool {
  Tool tool;
  ToolHandler handler;
};
template <class F>
RawTool raw_tool(std::string name, std::string description, F handler, ToolOptions options) {
  using In = typename Signature<F>::Input;
  using Out = typename Signature<F>::Output;
  constexpr bool with_context = std::is_invocable_v<F&, const In&, Context&>;
  static_assert(with_context || std::is_invocable_v<F&, const In&>,
                "a typed tool takes (const In&, mcp::Context&) or (const In&)");

  Tool described{.name = std::move(name),
                 .title = std::move(options.title),
                 .description = std::move(description),
                 .input_schema = describe<In>(),
                 .annotations = std::move(options.annotations),
                 .task_support = options.task_support,
                 .icons = std::move(options.icons),
                 .meta = std::move(options.meta)};
  if constexpr (is_described_output<Out>) described.output_schema = describe<Out>();

  auto raw = [handler = std::move(handler)](const Json& arguments, Context& context) mutable {
    auto decoded = decode<In>(arguments);
    if (auto* errors = std::get_if<1>(&decoded)) throw ToolError(schema::summary(*errors));
    const In& input = std::get<0>(decoded);
    auto call = [&]() -> Out {
      if constexpr (with_context) {
        return handler(input, context);
      } else {
        return handler(input);
      }
    };
    if constexpr (std::is_void_v<Out>) {
      call();
      return ToolResult{};
    } else {
      return to_tool_result<Out>(call());
    }
  };
  return {std::move(described), std::move(raw)};
}

}  // namespace mcp::server

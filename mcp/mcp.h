#pragma once

/// All of the SDK that a server or a client is written with.

#include <mcp/base/error.h>
#include <mcp/base/json.h>
#include <mcp/base/runtime.h>
#include <mcp/client/client.h>
#include <mcp/protocol/protocol.h>
#include <mcp/schema/describe.h>
#include <mcp/server/audit.h>
#include <mcp/server/confirm.h>
#include <mcp/server/connect.h>
#include <mcp/server/serve.h>
#include <mcp/server/server.h>
#include <mcp/server/session_roots.h>
#include <mcp/server/watching.h>
#include <mcp/transport/memory.h>

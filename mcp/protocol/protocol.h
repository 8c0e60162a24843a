#pragma once

/// The words of the Model Context Protocol: every header of this room.

#include <mcp/protocol/capabilities.h>
#include <mcp/protocol/completion.h>
#include <mcp/protocol/content.h>
#include <mcp/protocol/elicitation.h>
#include <mcp/protocol/header.h>
#include <mcp/protocol/input_required.h>
#include <mcp/protocol/lifecycle.h>
#include <mcp/protocol/list.h>
#include <mcp/protocol/logging.h>
#include <mcp/protocol/meta.h>
#include <mcp/protocol/method.h>
#include <mcp/protocol/notification.h>
#include <mcp/protocol/prompt.h>
#include <mcp/protocol/resource.h>
#include <mcp/protocol/revision.h>
#include <mcp/protocol/roots.h>
#include <mcp/protocol/sampling.h>
#include <mcp/protocol/skill.h>
#include <mcp/protocol/task.h>
#include <mcp/protocol/tool.h>

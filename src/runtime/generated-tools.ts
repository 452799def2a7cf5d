/** The tool list that the generator wrote, in the type that MCP gives it. */
import { ListToolsResultSchema, type Tool } from '@modelcontextprotocol/sdk/types.js';
import generated from '../../docs/mcp-tools.json' with { type: 'json' };

export const tools: Tool[] = ListToolsResultSchema.parse({ tools: generated }).tools;

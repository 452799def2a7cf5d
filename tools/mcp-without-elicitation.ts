/**
 * An esbuild plugin that leaves ajv out of the MCP SDK: its server checks with it what a client answers to a question
 * of the server, and this one asks none. A server that is made without a validator of its own fails at once.
 */
import type { Plugin } from 'esbuild';

const namespace = 'mcp-without-elicitation';

export const mcpWithoutElicitation: Plugin = {
  name: namespace,
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/ajv-provider\.js$/ }, ({ path }) => ({ path, namespace }));
    onLoad({ filter: /.*/, namespace }, () => ({
      contents: `export class AjvJsonSchemaValidator {
        constructor() { throw new Error('A bundle has no ajv: give the MCP server a jsonSchemaValidator'); }
      }`,
    }));
  },
};

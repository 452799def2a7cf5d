/** Where an MCP service answers. */

/** An explicit `/` is a path: a parsed url does not tell it from none. */
const hasPath = (url: string): boolean => /^[^/]*\/\/[^/?#]*\//.test(url);

/** `/mcp` is added to an mcp url that has no path. */
export function mcpUrl(url: string): URL {
  const parsed = new URL(url);
  if (!hasPath(url)) parsed.pathname = '/mcp';
  return parsed;
}

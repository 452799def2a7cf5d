/** The registered url of a service, and where it answers. */
import { OrchestratorError } from '../../base/errors.ts';

export function parseServiceUrl(service: string, url: string): URL {
  if (URL.canParse(url)) return new URL(url);
  throw new OrchestratorError('service.address-refused', `The url of service ${service} is not a valid url`);
}

/** An mcp url without a path means `/mcp`; an explicit `/` is one. */
export function mcpEndpoint(service: string, url: string): URL {
  parseServiceUrl(service, url);
  return mcpUrl(url);
}

/** An explicit `/` is a path: a parsed url does not tell it from none. */
const hasPath = (url: string): boolean => /^[^/]*\/\/[^/?#]*\//.test(url);

/** `/mcp` is added to an mcp url that has no path. */
export function mcpUrl(url: string): URL {
  const parsed = new URL(url);
  if (!hasPath(url)) parsed.pathname = '/mcp';
  return parsed;
}

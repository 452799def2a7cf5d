/** The registered url of a service, parsed. */
import { OrchestratorError } from '../base/errors.ts';
import { mcpUrl } from './model/mcp-url.ts';

export function parseServiceUrl(service: string, url: string): URL {
  if (URL.canParse(url)) return new URL(url);
  throw new OrchestratorError('service.address-refused', `The url of service ${service} is not a valid url`);
}

/** An mcp url without a path means `/mcp`; an explicit `/` is one. */
export function mcpEndpoint(service: string, url: string): URL {
  parseServiceUrl(service, url);
  return mcpUrl(url);
}

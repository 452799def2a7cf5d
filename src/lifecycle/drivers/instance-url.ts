/** Where an instance is called, and how its settings say so. */
import type { Transport } from '../../registry/services/model/service-terms.ts';

export interface InstancePlace {
  readonly transport: Transport;
  readonly host: string;
  readonly port: number | string;
  /** Of the settings. */
  readonly path?: string | undefined;
}

/** Below /mcp for an MCP service, below / for a REST one, where the settings do not say. */
export const instanceUrl = ({ transport, host, port, path }: InstancePlace): string =>
  `http://${host}:${port}${path ?? (transport === 'mcp' ? '/mcp' : '/')}`;

/** `{port}` stands for the port. */
export const withPort = (text: string, port: number): string => text.replaceAll('{port}', String(port));

/** What an instance finds in its environment: PORT, and what its settings say. */
export const environmentOf = (
  env: Readonly<Record<string, string>>,
  port: number,
): readonly (readonly [name: string, value: string])[] =>
  Object.entries({ PORT: '{port}', ...env }).map(([name, value]) => [name, withPort(value, port)] as const);

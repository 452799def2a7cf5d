/** What a runner is told, from a start and the settings of its service. */
import { resolve } from 'node:path';
import { OrchestratorError } from '../../../base/errors.ts';
import { faultsOf } from '../../../base/faults.ts';
import { parseInput } from '../../../base/parse-input.ts';
import type { DrivenStart } from '../../../instances/driver.ts';
import { ProcessSettings } from '../../../registry/services/model/driver.ts';
import type { RunnerOrder } from './runner-order.ts';
import { startKey } from './start-files.ts';

interface Where {
  /** The folder of all starts. */
  readonly instances: string;
  /** What every program finds in its environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Throws `driver.refused` where the settings are none of a process. */
export function orderOf(start: DrivenStart, { instances, env }: Where): RunnerOrder {
  const { service, id, token, transport } = start;
  const settings = settingsOf(start);
  const protocol = protocolOf(settings, transport);
  const path = settings.path ?? (transport === 'mcp' ? '/mcp' : '/');
  return {
    instances,
    key: startKey(token),
    token,
    service,
    id,
    command: settings.command,
    env: { ...env, ...settings.env },
    cwd: resolve(settings.cwd ?? '.'),
    protocol,
    port: settings.port,
    path,
    stopGraceSeconds: settings.stopGraceSeconds,
  };
}

function settingsOf({ service, settings }: DrivenStart): ProcessSettings {
  const parsed = parseInput(ProcessSettings, settings);
  if (parsed.success) return parsed.data;
  throw new OrchestratorError('driver.refused', `The settings of service ${service} are none of a process`, {
    errors: faultsOf(parsed.error),
  });
}

/** Whoever listens must be told where: an MCP service whose settings name no port is spoken to over stdio. */
function protocolOf(
  { protocol, port, command, env }: ProcessSettings,
  transport: DrivenStart['transport'],
): 'stdio' | 'http' {
  if (protocol !== undefined) return protocol;
  const namesPort = [...command, ...Object.values(env)].some((text) => text.includes('{port}'));
  return transport === 'mcp' && !namesPort && port === undefined ? 'stdio' : 'http';
}

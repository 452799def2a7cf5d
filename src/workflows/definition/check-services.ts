/** Services that a definition calls, known and called in the way of their transport, and workflows that it runs. */
import type { Fault } from '../../base/errors.ts';
import { parseReference } from '../../registry/services/model/service-reference.ts';
import type { Call, Compensation } from './definition.ts';
import type { WalkedStep } from './steps.ts';

/** By name, and by each reference with a range that one of the versions is in. */
export type KnownServices = ReadonlyMap<string, { transport: 'mcp' | 'rest' }>;

function callFaults(call: Call | Compensation, path: string, services: KnownServices): Fault[] {
  const { service } = call;
  const known = services.get(service);
  if (service === '') return [];
  if (known === undefined) return [{ path: `${path}.service`, message: unknownText(service, services) }];
  if ('tool' in call && known.transport === 'rest') {
    return [
      { path: `${path}.tool`, message: `"${service}" is a REST service: it takes a request, not a tool` },
    ];
  }
  if ('request' in call && known.transport === 'mcp') {
    return [
      { path: `${path}.request`, message: `"${service}" is an MCP service: it takes a tool, not a request` },
    ];
  }
  return [];
}

function unknownText(reference: string, services: KnownServices): string {
  const { name, versionRange } = parseReference(reference);
  return services.has(name)
    ? `no registered version of "${name}" is in ${versionRange}`
    : `there is no service "${name}"`;
}

export function serviceFaults(walked: readonly WalkedStep[], services: KnownServices): Fault[] {
  return walked.flatMap(({ step, path }) => {
    if (!('call' in step)) return [];
    const undo = step.compensate ? callFaults(step.compensate, `${path}.compensate`, services) : [];
    return [...callFaults(step.call, `${path}.call`, services), ...undo];
  });
}

export const workflowFaults = (walked: readonly WalkedStep[], workflows: ReadonlySet<string>): Fault[] =>
  walked.flatMap(({ step, path }) => {
    if (!('workflow' in step) || step.workflow.name === '' || workflows.has(step.workflow.name)) return [];
    return [{ path: `${path}.workflow.name`, message: `there is no workflow "${step.workflow.name}"` }];
  });

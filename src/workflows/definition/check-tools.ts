/**
 * What the tools of the services say of a definition: whether they exist, and what of their arguments is decided
 * already when it is written. Nothing is said of tools that are not known.
 */

import type { Fault } from '../../base/errors.ts';
import { nearestName } from '../../base/nearest-name.ts';
import { unknownValue } from '../../base/unknown-value.ts';
import { isExpression } from '../../expressions/model/template.ts';
import type { ServiceTool } from '../../registry/tools/model/catalogue.ts';
import type { Call, Compensation } from './definition.ts';
import type { WalkedStep } from './steps.ts';

export interface KnownTools {
  /** Of the service: the highest one in the range that the reference names. */
  readonly version: string;
  readonly tools: readonly ServiceTool[];
}

/** By the references that steps write. */
export type ToolDirectory = ReadonlyMap<string, KnownTools>;

/** A call of a tool, and where it stands. */
interface PlacedCall {
  readonly path: string;
  readonly service: string;
  readonly tool: string;
  readonly arguments: unknown;
}

export interface LiteralArguments {
  /** Of the call: `steps[0].call`. */
  readonly path: string;
  readonly tool: string;
  readonly schema: Readonly<Record<string, unknown>>;
  /** With `unknownValue` in the place of each expression. */
  readonly values: unknown;
}

const callsOf = (walked: readonly WalkedStep[]): PlacedCall[] =>
  walked.flatMap(({ step, path }) => {
    if (!('call' in step)) return [];
    const undo = step.compensate ? toolCall(step.compensate, `${path}.compensate`) : [];
    return [...toolCall(step.call, `${path}.call`), ...undo];
  });

const toolCall = (call: Call | Compensation, path: string): PlacedCall[] =>
  'tool' in call && call.tool !== '' ? [{ ...call, path }] : [];

export function unknownTools(walked: readonly WalkedStep[], directory: ToolDirectory): Fault[] {
  return callsOf(walked).flatMap(({ service, tool, path }) => {
    const known = directory.get(service);
    if (known === undefined || known.tools.some(({ name }) => name === tool)) return [];
    return [{ path: `${path}.tool`, message: unknownText({ service, tool }, known) }];
  });
}

function unknownText(
  { service, tool }: Pick<PlacedCall, 'service' | 'tool'>,
  { version, tools }: KnownTools,
): string {
  const [name] = service.split('@');
  const nearest = nearestName(
    tool,
    tools.map((one) => one.name),
  );
  const advice =
    nearest === undefined ? 'list_service_tools shows those that it has' : `did you mean "${nearest}"?`;
  return `${name} ${version} has no tool "${tool}"; ${advice}`;
}

/** The arguments of each call whose tool has an input schema. */
export const literalArguments = (
  walked: readonly WalkedStep[],
  directory: ToolDirectory,
): LiteralArguments[] =>
  callsOf(walked).flatMap(({ service, tool, path, arguments: template }) => {
    const known = directory.get(service)?.tools.find(({ name }) => name === tool);
    return known?.inputSchema ? [{ path, tool, schema: known.inputSchema, values: literalOf(template) }] : [];
  });

/** The template with `unknownValue` in the place of each expression. */
export function literalOf(template: unknown): unknown {
  if (typeof template === 'string') return isExpression(template) ? unknownValue : template;
  if (Array.isArray(template)) return template.map(literalOf);
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([key, part]) => [key, literalOf(part)]));
}

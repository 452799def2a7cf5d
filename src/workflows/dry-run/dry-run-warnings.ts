/**
 * What is probably wrong with a dry run: arguments that a tool would refuse, results that its output schema does not
 * allow, and results that are given for steps that have none.
 */

import type { Fault } from '../../base/errors.ts';
import { fieldOf } from '../../base/json-value.ts';
import { nearestName } from '../../base/nearest-name.ts';
import { fieldPath, itemPath } from '../../expressions/model/template.ts';
import type { ServiceTool } from '../../registry/tools/model/catalogue.ts';
import { argumentFaults } from '../../transport/tool-arguments.ts';
import type { CheckContext } from '../context.ts';
import { literalOf, type ToolDirectory } from '../definition/check-tools.ts';
import type { WorkflowDefinition } from '../definition/definition.ts';
import { type WalkedStep, walkSteps } from '../definition/steps.ts';
import { resultKeyOf } from './bounded-dry-run.ts';
import type { DryRun, DryStep } from './dry-run-answer.ts';
import type { Assumed } from './dry-run-shapes.ts';

export interface Tried {
  readonly definition: WorkflowDefinition;
  readonly dryRun: DryRun;
  readonly assumed: Assumed;
  readonly directory: ToolDirectory;
  /** The field of the request in which `results` and `failing` are; empty at its top. */
  readonly root: string;
}

export async function dryRunWarnings(context: Pick<CheckContext, 'schemas'>, tried: Tried): Promise<Fault[]> {
  return [
    ...assumptionFaults(tried),
    ...(await argumentWarnings(tried)),
    ...(await resultWarnings(context, tried)),
  ];
}

function assumptionFaults({ definition, assumed, root }: Tried): Fault[] {
  const { results = {}, failing = [] } = assumed;
  const walked = new Map([...walkSteps(definition)].map((one) => [one.id, one]));
  const given = [
    ...Object.keys(results).map((key) => ({ key, path: fieldPath(fieldPath(root, 'results'), key) })),
    ...failing.map((key, index) => ({ key, path: itemPath(fieldPath(root, 'failing'), index) })),
  ];
  return given.flatMap(({ key, path }) => {
    const message = whyUnused(key, walked);
    return message === undefined ? [] : [{ path, message }];
  });
}

/** Only steps that somebody is asked for come to something that can be given. */
function whyUnused(key: string, walked: ReadonlyMap<string, WalkedStep>): string | undefined {
  const id = key.split('/').at(-1) ?? '';
  const step = walked.get(id);
  if (step === undefined) {
    const nearest = nearestName(id, walked.keys());
    const hint = nearest === undefined ? '' : `; did you mean ${JSON.stringify(nearest)}?`;
    return `the workflow has no step ${JSON.stringify(id)}${hint}`;
  }
  const { kind } = step;
  if (kind === 'parallel' || kind === 'forEach')
    return `is not used: what a ${kind} comes to is put together from the steps inside of it`;
  return kind === 'choose' || kind === 'wait' ? `is not used: a ${kind} has no result` : undefined;
}

const toolOf = ({ service, tool }: DryStep, directory: ToolDirectory): ServiceTool | undefined =>
  directory.get(service ?? '')?.tools.find(({ name }) => name === tool);

/** Of the calls as they would be sent; an expression whose value is not known counts as anything. */
async function argumentWarnings({ dryRun, directory }: Tried): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const step of dryRun.steps) {
    const inputSchema = toolOf(step, directory)?.inputSchema;
    if (!inputSchema || step.arguments === undefined) continue;
    for (const { path, message } of await argumentFaults(inputSchema, literalOf(step.arguments)))
      faults.push({ path: `${step.at}.call.${path}`, message });
  }
  return faults;
}

/** A result is checked once, however many iterations it is given for. */
async function resultWarnings(
  { schemas }: Pick<CheckContext, 'schemas'>,
  { dryRun, directory, assumed: { results = {} }, root }: Tried,
): Promise<Fault[]> {
  const faults: Fault[] = [];
  const checked = new Set<string>();
  for (const step of dryRun.steps) {
    const key = resultKeyOf(results, step);
    const tool = toolOf(step, directory);
    if (key === undefined || checked.has(key) || !tool?.outputSchema) continue;
    checked.add(key);
    const { foreignFaults } = await schemas(tool.outputSchema);
    const isWrapped = fieldOf(tool.outputSchema, 'x-fastmcp-wrap-result') === true;
    const value = isWrapped ? { result: results[key] } : results[key];
    const at = fieldPath(fieldPath(root, 'results'), key);
    const { faults: broken, unchecked } = foreignFaults(tool.outputSchema, value);
    if (unchecked !== undefined)
      faults.push({
        path: at,
        message: `is not held against the output schema of ${tool.name}: ${unchecked}`,
      });
    for (const { path, message } of broken) {
      const inside = isWrapped ? path.replace(/^result\.?/, '') : path;
      const dot = inside === '' || inside.startsWith('[') ? '' : '.';
      faults.push({
        path: `${at}${dot}${inside}`,
        message: `breaks the output schema of ${tool.name}: ${message}`,
      });
    }
  }
  return faults;
}

/**
 * A start that is only tried: what the newest version of a workflow would do with an input, and what the registry says of
 * the services that it would call. Nothing is written, and nobody is called.
 */
import type { Fault } from '../../base/errors.ts';
import type { InstanceContext } from '../../instances/context.ts';
import { instancesOf, isCallable } from '../../instances/model/instances.ts';
import type { Service } from '../../registry/services/model/services.ts';
import { definedWorkflows, registeredServices, toolsOf } from '../check-definition.ts';
import type { CheckContext, DryRunContext } from '../context.ts';
import { type ToolDirectory, unknownTools } from '../definition/check-tools.ts';
import { WorkflowDefinition } from '../definition/definition.ts';
import { needsOf, walkSteps } from '../definition/steps.ts';
import type { WorkflowHead } from '../model/workflow-records.ts';
import { dryRunWith } from './bounded-dry-run.ts';
import {
  type Assumed,
  type CalledService,
  type DryRunRequest,
  type DryStart,
  distinct,
} from './dry-run-shapes.ts';
import { dryRunWarnings } from './dry-run-warnings.ts';

type DryStartContext = CheckContext & DryRunContext & InstanceContext;

export async function dryStart(
  context: DryStartContext,
  { name, version }: Pick<WorkflowHead, 'name' | 'version'>,
  { input, request }: { readonly input: unknown; readonly request: DryRunRequest },
): Promise<DryStart> {
  const found = await context.workflows.version(name, version);
  if (!found) throw new Error(`version ${version} of ${name} is missing`);
  const definition = WorkflowDefinition.parse(found.definition);
  const assumed: Assumed = { input, ...(typeof request === 'object' && request) };
  const needs = needsOf(definition);
  const services = await registeredServices(context, needs.services);
  const directory = await toolsOf(context, services);
  const dryRun = await dryRunWith(context, definition, assumed);
  const called = await Promise.all(
    needs.services.map((reference) => calledService(context, reference, { services, directory })),
  );
  return {
    workflow: name,
    version,
    dryRun,
    services: called,
    warnings: distinct([
      ...called.flatMap(serviceWarnings(definition)),
      ...(await workflowWarnings(context, definition, needs.workflows)),
      ...unknownTools([...walkSteps(definition)], directory),
      ...(await dryRunWarnings(context, { definition, dryRun, assumed, directory, root: 'dryRun' })),
    ]),
  };
}

async function calledService(
  { instances, clock }: InstanceContext,
  reference: string,
  { services, directory }: { services: ReadonlyMap<string, Service>; directory: ToolDirectory },
): Promise<CalledService> {
  const service = services.get(reference);
  if (!service) return { service: reference, callableInstances: 0 };
  const { name, version, transport } = service;
  const known = await instances.ofService(name);
  const healthy = (known ? instancesOf(known, clock.now()) : []).filter(
    (one) => one.version === version && isCallable(one),
  );
  const tools = directory.get(reference)?.tools.length ?? ('unknown' as const);
  return {
    service: reference,
    version,
    transport,
    callableInstances: healthy.length,
    ...(transport === 'mcp' && { tools }),
  };
}

const serviceWarnings =
  (definition: WorkflowDefinition) =>
  ({ service, version, callableInstances }: CalledService): Fault[] => {
    if (callableInstances > 0) return [];
    const message =
      version === undefined
        ? `no version of the service "${service}" is registered`
        : `${service} ${version} has no instance that can be called now`;
    return [...walkSteps(definition)].flatMap(({ step, path }) =>
      'call' in step && step.call.service === service ? [{ path: `${path}.call.service`, message }] : [],
    );
  };

async function workflowWarnings(
  context: CheckContext,
  definition: WorkflowDefinition,
  names: readonly string[],
): Promise<Fault[]> {
  const known = await definedWorkflows(context, names);
  return [...walkSteps(definition)].flatMap(({ step, path }) =>
    'workflow' in step && !known.includes(step.workflow.name)
      ? [{ path: `${path}.workflow.name`, message: `there is no workflow "${step.workflow.name}"` }]
      : [],
  );
}

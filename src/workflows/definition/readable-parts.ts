/**
 * What can still be read of a definition whose shape is faulty, so that faults of names, references and
 * expressions come in the same answer. Positions stay as they are; whatever is not readable becomes empty,
 * and the checks pass over what is empty.
 */
import type {
  ApprovalStep,
  Call,
  Compensation,
  Json,
  Step,
  WorkflowDefinition,
  WorkflowStep,
} from './definition.ts';

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function json(value: unknown): Json {
  if (Array.isArray(value)) return value.map(json);
  if (typeof value === 'object' && value !== null) return object(value);
  const scalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return scalar ? value : null;
}

const object = (value: unknown): { [key: string]: Json } =>
  Object.fromEntries(Object.entries(fields(value)).map(([key, part]) => [key, json(part)]));

const template = (value: unknown): string | { [key: string]: Json } =>
  typeof value === 'string' ? value : object(value);

function readCall(value: unknown): Call {
  const { service, tool, request, ...rest } = fields(value);
  if (request === undefined)
    return { service: text(service), tool: text(tool), arguments: template(rest.arguments) };
  const { path, query, headers, body } = fields(request);
  const parts = { query: template(query), headers: template(headers), body: json(body) };
  return { service: text(service), request: { method: 'GET', path: text(path), ...parts } };
}

function readCompensation(value: unknown): Compensation {
  const { service, tool, ...rest } = fields(value);
  return { service: text(service), tool: text(tool), arguments: object(rest.arguments) };
}

function readCallStep(id: string, { call, select, compensate, onFailure }: Fields): Step {
  return {
    id,
    call: readCall(call),
    timeoutSeconds: 30,
    onFailure: onFailureOf({ onFailure }),
    ...(select === undefined ? {} : { select: text(select) }),
    ...(compensate === undefined ? {} : { compensate: readCompensation(compensate) }),
  };
}

function readForEach(id: string, value: unknown): Step {
  const { items, as, steps } = fields(value);
  const all = typeof items === 'string' ? items : list(items).map(json);
  return {
    id,
    forEach: { items: all, optional: false, as: text(as), maxConcurrency: 1, steps: readSteps(steps) },
  };
}

function readWait(id: string, value: unknown): Step {
  const { seconds, until } = fields(value);
  return { id, wait: typeof until === 'string' ? { until } : { seconds: text(seconds) } };
}

function readChoose(id: string, { choose, otherwise }: Fields): Step {
  const branches = list(choose).map(fields);
  return {
    id,
    choose: branches.map(({ when, steps }) => ({ when: text(when), steps: readSteps(steps) })),
    ...(otherwise === undefined ? {} : { otherwise: readSteps(otherwise) }),
  };
}

function readApproval(value: unknown): ApprovalStep['approval'] {
  const { message, details } = fields(value);
  return {
    ...(message === undefined ? {} : { message: text(message) }),
    ...(details === undefined ? {} : { details: json(details) }),
  };
}

function readStart(value: unknown): WorkflowStep['workflow'] {
  const { name, input } = fields(value);
  return { name: text(name), input: json(input ?? {}) };
}

const onFailureOf = ({ onFailure }: Fields): 'fail' | 'continue' =>
  onFailure === 'continue' ? 'continue' : 'fail';

function readStep(value: unknown): Step {
  const step = fields(value);
  const id = text(step.id);
  if ('choose' in step) return readChoose(id, step);
  if ('parallel' in step) return { id, parallel: list(step.parallel).map(readSteps) };
  if ('forEach' in step) return readForEach(id, step.forEach);
  if ('wait' in step) return readWait(id, step.wait);
  if ('approval' in step) return { id, approval: readApproval(step.approval), onFailure: onFailureOf(step) };
  if ('workflow' in step) return { id, workflow: readStart(step.workflow), onFailure: onFailureOf(step) };
  return readCallStep(id, step);
}

const readSteps = (value: unknown): Step[] => list(value).map(readStep);

/** The steps and the output of a definition, as far as they can be read. */
export function readableParts(input: unknown): Pick<WorkflowDefinition, 'steps' | 'output'> {
  const { steps, output } = fields(input);
  return { steps: readSteps(steps), ...(output === undefined ? {} : { output: json(output) }) };
}

/** Steps of a dry run that hold no others: what they would send, and what they come to. */
import { sourceOf } from '../../expressions/model/template.ts';
import type { ApprovalStep, CallStep, WaitStep, WorkflowStep } from '../definition/definition.ts';
import {
  durationText,
  failedWith,
  isDuration,
  isObject,
  isTime,
  mustBe,
  mustBeSendable,
  timeText,
} from './check-values.ts';
import type { DryStep } from './dry-run-answer.ts';
import { type DryRunMeans, evaluateIn } from './dry-run-means.ts';
import { EvaluationFailed } from './evaluation.ts';
import type { Recorder } from './recorder.ts';
import type { Scope } from './scope.ts';
import { Unknown } from './unknown-results.ts';

interface Performing {
  readonly means: DryRunMeans;
  readonly recorder: Recorder;
  readonly scope: Scope;
}

type SingleStep = CallStep | WaitStep | ApprovalStep | WorkflowStep;

export async function performSingle(step: SingleStep, entry: DryStep, performing: Performing): Promise<void> {
  if ('call' in step) return performCall(step, entry, performing);
  if ('wait' in step) return performWait(step, entry, performing);
  if ('approval' in step) return performApproval(step, entry, performing);
  return performWorkflow(step, entry, performing);
}

async function performCall(step: CallStep, entry: DryStep, performing: Performing): Promise<void> {
  const { means, recorder, scope } = performing;
  await showCall(step, entry, performing);
  await conclude(entry, performing, (value, selected) =>
    selected ? value : selectFrom(value, { step, entry, means }),
  );
  if (!step.compensate) return;
  const undo = { template: step.compensate, path: `${entry.at}.compensate` };
  recorder.show(entry, { compensate: await evaluateIn(scope, means, undo) });
}

/** What would be sent is shown also where it cannot be. */
async function showCall({ call }: CallStep, entry: DryStep, performing: Performing): Promise<void> {
  const { means, recorder, scope } = performing;
  const at = `${entry.at}.call`;
  if ('tool' in call) {
    const field = { path: `${at}.arguments`, expected: 'an object' };
    const values = await evaluateIn(scope, means, { template: call.arguments, ...field });
    recorder.show(entry, { service: call.service, tool: call.tool, arguments: values });
    mustBe(isObject, values, { ...field, written: call.arguments });
  } else {
    const request = await evaluateIn(scope, means, { template: call.request, path: `${at}.request` });
    recorder.show(entry, { service: call.service, request });
    mustBeSendable(request, { at, written: call.request });
  }
}

interface Selecting {
  readonly step: CallStep;
  readonly entry: DryStep;
  readonly means: DryRunMeans;
}

async function selectFrom(result: unknown, { step, entry, means }: Selecting): Promise<unknown> {
  const { select } = step;
  if (select === undefined) return result;
  try {
    return (await means.evaluateSelect(sourceOf(select), { result })) ?? null;
  } catch (thrown) {
    throw failedWith(`${entry.at}.select`, select, { thrown, bindings: { result } });
  }
}

async function performApproval(
  { approval }: ApprovalStep,
  entry: DryStep,
  performing: Performing,
): Promise<void> {
  const { means, recorder, scope } = performing;
  const field = { template: approval, path: `${entry.at}.approval` };
  recorder.show(entry, { approval: await evaluateIn(scope, means, field) });
  await conclude(entry, performing, (value) => value);
}

async function performWorkflow(
  { workflow }: WorkflowStep,
  entry: DryStep,
  performing: Performing,
): Promise<void> {
  const { means, recorder, scope } = performing;
  const field = { template: workflow.input, path: `${entry.at}.workflow.input` };
  recorder.show(entry, { workflow: workflow.name, input: await evaluateIn(scope, means, field) });
  await conclude(entry, performing, (value) => value);
}

/** Gives the step its value, as far as it is known. */
async function conclude(
  entry: DryStep,
  { means, recorder, scope }: Performing,
  finish: (value: unknown, selected: boolean) => unknown,
): Promise<void> {
  const result = await means.resultOf(entry);
  if (result === 'failed')
    throw new EvaluationFailed([{ path: entry.at, message: `fails, since "failing" names it` }]);
  if (result === undefined) {
    scope.values.set(entry.id, new Unknown(`$${entry.id}`, [entry.path]));
    return;
  }
  const value = await finish(result.value, result.selected ?? false);
  scope.values.set(entry.id, value);
  recorder.show(entry, { result: value });
}

async function performWait(
  { wait }: WaitStep,
  entry: DryStep,
  { means, recorder, scope }: Performing,
): Promise<void> {
  const isTimed = 'until' in wait;
  const [name, written] = isTimed ? ['until', wait.until] : ['seconds', wait.seconds];
  const field = { path: `${entry.at}.wait.${name}`, expected: isTimed ? timeText : durationText };
  const value = await evaluateIn(scope, means, { template: written, ...field });
  recorder.show(entry, { wait: { [name]: value } });
  mustBe(isTimed ? isTime : isDuration, value, { ...field, written });
}

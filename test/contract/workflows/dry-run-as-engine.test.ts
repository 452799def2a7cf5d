/** Two interpreters of one definition: the compiled machine on the local engine, and the dry run, which calls nobody. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { evaluateApart } from '../../../local/step-functions/jsonata/evaluator-processes.ts';
import { occurrenceOf, type StepTask } from '../../../src/executions/model/step-task.ts';
import { evaluateNative } from '../../../src/expressions/native-expressions.ts';
import { validateWorkflow } from '../../../src/workflows/compiler/validate.ts';
import type { WorkflowDefinition } from '../../../src/workflows/definition/definition.ts';
import { dryRun } from '../../../src/workflows/dry-run/dry-run.ts';
import type { DryRun } from '../../../src/workflows/dry-run/dry-run-answer.ts';
import type { StepResult } from '../../../src/workflows/dry-run/dry-run-means.ts';
import { arbitraryDefinition, inputOfArbitrary } from '../../unit/workflows/arbitrary-definition.ts';
import {
  call,
  echo,
  type Run,
  StepFailure,
  startWorkflowRunner,
  type WorkflowRunner,
  workflow,
} from './workflow-runner.ts';

let runner: WorkflowRunner;
beforeAll(async () => {
  runner = await startWorkflowRunner();
});
afterAll(() => runner.close());

const evaluate = (source: string, bindings: Readonly<Record<string, unknown>>) =>
  evaluateNative(source, bindings, evaluateApart);

function accepted(sent: unknown): WorkflowDefinition {
  const validation = validateWorkflow(JSON.parse(JSON.stringify(sent)), {});
  if (!validation.ok) throw new Error(JSON.stringify(validation.errors));
  return validation.definition;
}

/** Steps whose failure the workflow outlives fail every third time, by their ids. */
const fails = (definition: WorkflowDefinition) => {
  const text = JSON.stringify(definition);
  return (id: string): boolean => text.includes(`"id":"${id}"`) && /[369]$/.test(id) && id.startsWith('call');
};

async function both(sent: unknown, input: unknown): Promise<{ run: Run; dry: DryRun }> {
  const definition = accepted(sent);
  const failing = fails(definition);
  const answer = (task: StepTask): unknown => {
    if (failing(task.step)) throw new StepFailure('service.rejected');
    return echo(task);
  };
  const run = await runner.run(sent, input, answer);
  const answers = new Map(run.tasks.map((task) => [occurrenceOf(task), task]));
  const resultOf = ({ id, path }: { id: string; path: string }): StepResult => {
    const task = answers.get(path);
    if (!task) return { value: { approved: true, value: id } };
    return failing(id) ? 'failed' : { value: echo(task), selected: true };
  };
  const { execution } = run;
  return {
    run,
    dry: await dryRun(definition, { input, execution, resultOf, evaluate, evaluateSelect: evaluate }),
  };
}

/** What each call sends, by where it runs, on its first attempt. */
const sentBy = (run: Run): [string, unknown][] =>
  run.tasks
    .filter(({ attempt }) => attempt === 0)
    .map((task): [string, unknown] => {
      const { service: _service, ...sent } = task.call;
      return [occurrenceOf(task), sent];
    })
    .sort(byPath);
const shownBy = (dry: DryRun): [string, unknown][] =>
  dry.steps
    .filter(
      ({ kind, errors }) =>
        kind === 'call' && (errors === undefined || errors[0]?.message.startsWith('fails')),
    )
    .map(({ path, tool, arguments: values, request }): [string, unknown] => [
      path,
      tool === undefined ? { request } : { tool, arguments: values },
    ])
    .sort(byPath);
const byPath = ([one]: [string, unknown], [other]: [string, unknown]): number => (one < other ? -1 : 1);

it('sends what the compiled machine sends, and ends as it ends, for arbitrary definitions', {
  tags: ['long'],
  timeout: 180_000,
}, async () => {
  const ends = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(arbitraryDefinition, async (sent) => {
      const { run, dry } = await both(sent, inputOfArbitrary);
      ends.set(run.status, (ends.get(run.status) ?? 0) + 1);
      const seen = JSON.stringify({ sent, errors: dry.errors, error: run.error });
      expect(dry.status, seen).toBe(run.status);
      if (run.status !== 'SUCCEEDED') return;
      expect(shownBy(dry), seen).toEqual(sentBy(run));
      expect(dry.output, seen).toEqual(run.output);
    }),
    { numRuns: 60 },
  );
  expect(ends.get('SUCCEEDED')).toBeGreaterThan(10);
});

it.each([
  ['an argument that comes to nothing', [call('a', { v: '{% $input.none %}' })], 'steps[0].call.arguments.v'],
  [
    'a condition that is none',
    [{ id: 'c', choose: [{ when: '{% 5 %}', steps: [call('a')] }] }],
    'steps[0].choose[0].when',
  ],
  ['an expression that fails', [call('a', { v: "{% 1 + 'x' %}" })], 'steps[0].call.arguments.v'],
  ['a wait of no number', [{ id: 'w', wait: { seconds: "{% 'x' %}" } }], 'steps[0].wait.seconds'],
  [
    'a failure in a branch',
    [{ id: 'p', parallel: [[call('a')], [call('b', { v: '{% $error("no") %}' })]] }],
    'steps[0].parallel[1][0].call.arguments.v',
  ],
  [
    'a failure in an item',
    [
      {
        id: 'f',
        forEach: { items: [1, 2], as: 'one', steps: [call('a', { v: '{% $one = 2 ? $error("no") : 1 %}' })] },
      },
    ],
    'steps[0].forEach.steps[0].call.arguments.v',
  ],
  [
    'items that are not there',
    [{ id: 'f', forEach: { items: '{% $input.lst %}', as: 'one', steps: [call('a')] } }],
    'steps[0].forEach.items',
  ],
  [
    'items that are null',
    [{ id: 'f', forEach: { items: '{% $input.empty %}', as: 'one', steps: [call('a')] } }],
    'steps[0].forEach.items',
  ],
  ['a wait of half a second', [{ id: 'w', wait: { seconds: '{% 0.5 %}' } }], 'steps[0].wait.seconds'],
])('fails where the machine fails: %s', async (_name, steps, path) => {
  const { run, dry } = await both(workflow(steps), { empty: null });
  expect([run.status, dry.status]).toEqual(['FAILED', 'FAILED']);
  expect(dry.errors.map((fault) => fault.path)).toEqual([path]);
});

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arbitraryDefinition, inputOfArbitrary } from '../../unit/workflows/arbitrary-definition.ts';
import {
  type Answer,
  call,
  occurrences,
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

describe('forEach', () => {
  const loop = (items: unknown, steps: object[] = [call('each1', { item: '{% $item %}' })]) => ({
    id: 'loop',
    forEach: { items, as: 'item', steps },
  });

  it('keeps the order of the items, one path for each iteration', async () => {
    const { output, tasks } = await runner.run(workflow([loop('{% $input.list %}')]), {
      list: ['x', { y: 1 }, null],
    });
    expect(output).toEqual({
      loop: [{ each1: { item: 'x' } }, { each1: { item: { y: 1 } } }, { each1: { item: null } }],
    });
    expect(occurrences(tasks)).toEqual(['loop/0/each1', 'loop/1/each1', 'loop/2/each1']);
  });

  it.each([
    ['no items', [], []],
    ['one hit, which JSONata makes a scalar', [{ id: 1 }], [{ each1: { item: 1 } }]],
    ['two hits', [{ id: 1 }, { id: 2 }], [{ each1: { item: 1 } }, { each1: { item: 2 } }]],
  ])('runs over %s', async (_what, list, value) => {
    const last = await runner.run(workflow([loop('{% $input.list.id %}')]), { list });
    expect(last.output).toEqual({ loop: value });
    const middle = await runner.run(
      workflow([loop('{% $input.list.id %}'), call('after', { all: '{% $loop %}' })]),
      { list },
    );
    expect(middle.output).toEqual({ loop: value, after: { all: value } });
  });

  it('runs over an array written in the definition', async () => {
    const { output } = await runner.run(workflow([loop([1, '{% $input.n %}'])]), { n: [2] });
    expect(output).toEqual({ loop: [{ each1: { item: 1 } }, { each1: { item: [2] } }] });
  });

  it('inside a forEach sees both items and has both in its path', async () => {
    const inner = {
      id: 'inner',
      forEach: {
        items: '{% $item.lines %}',
        as: 'line',
        steps: [call('deep', { is: "{% $item.name & '-' & $line %}" })],
      },
    };
    const { output, tasks } = await runner.run(workflow([loop('{% $input %}', [inner])]), [
      { name: 'a', lines: [1, 2] },
      { name: 'b', lines: [3] },
    ]);
    expect(output).toEqual({
      loop: [
        { inner: [{ deep: { is: 'a-1' } }, { deep: { is: 'a-2' } }] },
        { inner: [{ deep: { is: 'b-3' } }] },
      ],
    });
    expect(occurrences(tasks)).toEqual(['loop/0/inner/0/deep', 'loop/0/inner/1/deep', 'loop/1/inner/0/deep']);
  });

  it('gives a choose in a forEach in a parallel its item, and skipped ids are absent', async () => {
    const decide = {
      id: 'decide',
      choose: [{ when: '{% $item > $limit.value %}', steps: [call('kept', { item: '{% $item %}' })] }],
    };
    const both = { id: 'both', parallel: [[loop('{% $input.list %}', [decide])], [call('beside')]] };
    const { output, tasks } = await runner.run(workflow([call('limit', { value: 2 }), both]), {
      list: [1, 2, 3],
    });
    expect(output).toEqual({
      limit: { value: 2 },
      both: { loop: [{}, {}, { kept: { item: 3 } }], beside: {} },
    });
    expect(occurrences(tasks)).toEqual(['beside', 'limit', 'loop/2/kept']);
  });

  it('inside a parallel in a forEach passes items and path on', async () => {
    const both = {
      id: 'both',
      parallel: [[call('a', { item: '{% $item %}' })], [{ id: 'w', wait: { seconds: 0 } }, call('b')]],
    };
    const { output, tasks } = await runner.run(workflow([loop([1, 2], [both])]), {});
    expect(output).toEqual({
      loop: [{ both: { a: { item: 1 }, b: {} } }, { both: { a: { item: 2 }, b: {} } }],
    });
    expect(occurrences(tasks)).toEqual(['loop/0/a', 'loop/0/b', 'loop/1/a', 'loop/1/b']);
  });
});

/** Results of many shapes; of steps that may fail and go on, every other one fails. */
const varied =
  (tolerant: ReadonlySet<string>): Answer =>
  ({ step }) => {
    const number = Number(step.replace(/\D/g, ''));
    if (tolerant.has(step) && number % 2 === 0) throw new StepFailure('service.tool-failed');
    return [{ value: number }, [], [number], 'text', number, null, [[number]], { list: [null] }][number % 8];
  };

const tolerantIn = (definition: unknown): string[] => {
  const found = JSON.stringify(definition).matchAll(
    /"id":"(\w+)","call":(?:(?!"id":).)*?"onFailure":"continue"/g,
  );
  return [...found].flatMap(([, id]) => id ?? []);
};

describe('every valid definition', () => {
  it('ends SUCCEEDED, also where steps fail that may', { tags: ['long'], timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryDefinition, async (definition) => {
        const answer = varied(new Set(tolerantIn(definition)));
        const { status, error } = await runner.run(definition, inputOfArbitrary, answer);
        expect({ status, error }).toEqual({ status: 'SUCCEEDED', error: undefined });
      }),
      { numRuns: 60 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepKinds } from '../../../src/workflows/definition/definition.ts';
import { compensates, kindOf, servicesOf, walkSteps } from '../../../src/workflows/definition/steps.ts';
import { arbitraryDefinition } from './arbitrary-definition.ts';
import { call, choose, forEach, valid, workflow } from './definitions.ts';

const undo = { service: 'undoer', tool: 'undo' };
const nested = valid(
  workflow([
    call('first'),
    forEach('loop', 'item', [
      choose(
        'pick',
        'true',
        [
          {
            id: 'both',
            parallel: [[call('a')], [forEach('inner', 'x', [call('b', {}, { compensate: undo })])]],
          },
        ],
        [{ id: 'pause', wait: { seconds: 1 } }],
      ),
    ]),
    { id: 'post', call: { service: 'notify', request: { method: 'POST', path: '/' } } },
  ]),
);

describe('walkSteps', () => {
  it('yields every step with its kind, its path and what it is inside of', () => {
    const walked = [...walkSteps(nested)].map(({ id, kind, path, parents, scope, loops }) => [
      id,
      kind,
      path,
      parents.join('/'),
      scope,
      loops.join('/'),
    ]);
    const pick = 'steps[1].forEach.steps[0]';
    const both = `${pick}.choose[0].steps[0]`;
    expect(walked).toEqual([
      ['first', 'call', 'steps[0]', '', undefined, ''],
      ['loop', 'forEach', 'steps[1]', '', undefined, ''],
      ['pick', 'choose', pick, 'loop', 'loop', 'loop'],
      ['both', 'parallel', both, 'loop/pick', 'loop', 'loop'],
      ['a', 'call', `${both}.parallel[0][0]`, 'loop/pick/both', 'both', 'loop'],
      ['inner', 'forEach', `${both}.parallel[1][0]`, 'loop/pick/both', 'both', 'loop'],
      ['b', 'call', `${both}.parallel[1][0].forEach.steps[0]`, 'loop/pick/both/inner', 'inner', 'loop/inner'],
      ['pause', 'wait', `${pick}.otherwise[0]`, 'loop/pick', 'loop', 'loop'],
      ['post', 'call', 'steps[2]', '', undefined, ''],
    ]);
  });

  it('tells the kind of a step', () => {
    expect(nested.steps.map(kindOf)).toEqual(['call', 'forEach', 'call']);
  });
});

describe('servicesOf', () => {
  it('names every service once, undos too', () => {
    expect(servicesOf(nested)).toEqual(['notify', 'tools', 'undoer']);
  });
});

describe('compensates', () => {
  it('is true when any step can be undone, however deep', () => {
    expect(compensates(nested)).toBe(true);
    expect(compensates(valid(workflow([call('a'), choose('pick', 'true', [call('b')])])))).toBe(false);
  });
});

it('the definitions that properties try hold steps of every kind', () => {
  const definitions = fc.sample(arbitraryDefinition, { numRuns: 200, seed: 1 });
  const kinds = definitions.flatMap((sent) => [...walkSteps(valid(sent))].map(({ kind }) => kind));
  expect([...new Set(kinds)].sort()).toEqual([...stepKinds].sort());
});

import { expect, it } from 'vitest';
import { type HistoryEvent, visitsOf } from '../../../src/executions/model/history.ts';

const event = (
  id: number,
  previousEventId: number,
  type: string,
  name?: string,
  index?: number,
): HistoryEvent => ({
  id,
  previousEventId,
  type,
  ...(type.endsWith('Entered') && { stateEnteredEventDetails: { name } }),
  ...(type === 'MapIterationStarted' && { mapIterationStartedEventDetails: { name, index } }),
});

const mapped = [
  event(1, 0, 'ExecutionStarted'),
  event(2, 1, 'MapStateEntered', 'each'),
  event(3, 2, 'MapStateStarted'),
  event(4, 3, 'MapIterationStarted', 'each', 0),
  event(5, 4, 'TaskStateEntered', 'work'),
  event(6, 5, 'TaskStateExited'),
  event(7, 6, 'MapIterationSucceeded'),
  event(8, 7, 'MapIterationStarted', 'each', 1),
  event(9, 8, 'TaskStateEntered', 'work'),
];

it('gives each state its iteration path, also in an iteration that hangs on the one before', () => {
  expect(visitsOf(mapped)).toEqual([
    { step: 'each', path: '', kind: 'Map', left: false, called: false },
    { step: 'work', path: 'each/0/', kind: 'Task', left: true, called: false },
    { step: 'work', path: 'each/1/', kind: 'Task', left: false, called: false },
  ]);
});

it('reads events in any order', () => {
  expect(visitsOf([...mapped].reverse())).toEqual(visitsOf(mapped));
});

it('leaves a map by the exit that hangs on its last iteration', () => {
  const rest = [
    event(10, 9, 'TaskStateExited'),
    event(11, 10, 'MapStateSucceeded'),
    event(12, 11, 'MapStateExited'),
  ];
  const visits = visitsOf([...mapped, ...rest, event(13, 12, 'WaitStateEntered', 'pause')]);
  expect(visits.map(({ step, path, left }) => `${path}${step} ${left}`)).toEqual([
    'each true',
    'each/0/work true',
    'each/1/work true',
    'pause false',
  ]);
});

import { expect, it } from 'vitest';
import { prettyLine } from '../../../../local/log/pretty-line.ts';

const line = JSON.stringify({
  level: 'WARN',
  message: 'step attempt',
  timestamp: new Date(2026, 10, 28, 9, 5, 7, 42).toISOString(),
  function: 'run-step',
  workflowId: 'w1',
  step: 'fetch',
  service: 'gmail',
  requestId: 'r1',
  attempt: 2,
  note: 'two words',
});

it('is for people: the time of their clock, what happened, to whom, and who says so', () => {
  expect(prettyLine(line, { colored: false })).toBe(
    '09:05:07.042 WARN  step attempt workflowId=w1 step=fetch service=gmail attempt=2 note="two words" (run-step)',
  );
});

it('has colors on a terminal', () => {
  expect(prettyLine(line, { colored: true })).toContain('\u001b[33mWARN \u001b[39m');
});

it('leaves what is no line of the log as it is', () => {
  expect(prettyLine('Segmentation fault', { colored: true })).toBe('Segmentation fault');
});

import { describe, expect, it } from 'vitest';
import type { Status } from '../../../local/demo/client.ts';
import { createProgress } from '../../../local/demo/progress.ts';
import { timeline } from '../../../local/demo/timeline.ts';
import { fitted, wrappedJson } from '../../../local/demo/wrapped.ts';

const call = (
  id: string,
  status: Status['steps'][number]['status'],
  from: number,
  to: number,
): Status['steps'][number] => ({
  id,
  path: id,
  kind: 'call',
  service: 'gmail',
  tool: 'get_email',
  status,
  attempts: [{ startedAt: new Date(from).toISOString(), finishedAt: new Date(to).toISOString() }],
});

const ended: Status = {
  workflowId: 'w1',
  workflow: 'process-email',
  status: 'SUCCEEDED',
  startedAt: new Date(0).toISOString(),
  closedAt: new Date(100).toISOString(),
  steps: [call('fetch', 'SUCCEEDED', 0, 50), call('store', 'SUCCEEDED', 50, 100)],
};

function shown(isTTY: boolean, status: Status = ended): string {
  const parts: string[] = [];
  const output = { isTTY, columns: 80, write: (part: string) => parts.push(part) > 0 };
  const progress = createProgress(output);
  progress.show(status);
  progress.show(status);
  progress.end(status);
  return parts.join('');
}

describe('progress', () => {
  it('is one line that is drawn anew on a terminal', () => {
    const line = '\r\x1b[K  process-email       SUCCEEDED    ✓ fetch  ✓ store';
    expect(shown(true)).toBe(`${line}${line}${line}\n`);
  });

  it('has room in 80 columns for the step that failed, behind one that was undone', () => {
    const store: Status['steps'][number] = {
      ...call('store', 'SUCCEEDED', 50, 60),
      undo: { status: 'SUCCEEDED' },
    };
    const steps = [
      call('fetch', 'SUCCEEDED', 0, 10),
      call('classify', 'SUCCEEDED', 10, 50),
      store,
      call('notify', 'FAILED', 60, 99),
    ];
    const failed: Status = { ...ended, workflow: 'process-and-notify', status: 'FAILED', steps };
    expect(shown(true, failed).split('\r\x1b[K').at(-1)).toBe(
      '  process-and-notify  FAILED       ✓ fetch  ✓ classify  ↩ store  ✗ notify\n',
    );
  });

  it('counts the calls for each item of a loop together, and leaves out what only holds them', () => {
    const item = (at: number): Status['steps'] => [
      { ...call('classify', at === 0 ? 'SUCCEEDED' : 'RUNNING', 10, 20), path: `each/${at}/classify` },
      { ...call('keep', 'PENDING', 20, 20), path: `each/${at}/keep`, kind: 'choose' },
    ];
    const each: Status['steps'][number] = { ...call('each', 'RUNNING', 10, 90), kind: 'forEach' };
    const steps = [call('inbox', 'SUCCEEDED', 0, 10), each, ...item(0), ...item(1)];
    expect(
      shown(true, { ...ended, status: 'RUNNING', steps })
        .split('\r\x1b[K')
        .at(-1),
    ).toBe('  process-email       RUNNING      ✓ inbox  classify 1/2\n');
  });

  it('is a line for each step, once, elsewhere', () => {
    expect(shown(false)).toBe(
      '  process-email  fetch  SUCCEEDED  gmail get_email\n' +
        '  process-email  store  SUCCEEDED  gmail get_email\n' +
        '  process-email  SUCCEEDED\n',
    );
  });
});

it('draws a timeline with a bar for each step where it was', () => {
  const [, fetch, store] = timeline(ended).split('\n');
  expect(fetch).toMatch(/^ {2}fetch +\|█{19} {17}\| 50 ms$/);
  expect(store).toMatch(/^ {2}store +\| {18}█{18}\| 50 ms$/);
});

it('breaks JSON before the names of fields so that no line has more than 80 columns', () => {
  const value = { first: 'a'.repeat(28), second: [1, 2, 3], third: 'b'.repeat(30) };
  expect(wrappedJson(value, '  process-inbox       ').split('\n')).toEqual([
    '  process-inbox       {"first":"aaaaaaaaaaaaaaaaaaaaaaaaaaaa","second":[1,2,3],',
    '                      "third":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}',
  ]);
});

it('cuts a line after 80 columns, and says so', () => {
  expect(fitted('a'.repeat(80))).toBe('a'.repeat(80));
  expect(fitted('a'.repeat(81))).toBe(`${'a'.repeat(79)}…`);
});

it('draws a line of at most 80 columns for a step that took long and was undone', () => {
  const store: Status['steps'][number] = {
    ...call('processed/10/classify', 'SUCCEEDED', 0, 9_999),
    undo: { status: 'SUCCEEDED' },
  };
  const [, line = ''] = timeline({
    ...ended,
    closedAt: new Date(10_000).toISOString(),
    steps: [store],
  }).split('\n');
  expect(line).toMatch(/ 9999 ms {2}undone$/);
  expect(line.length).toBeLessThanOrEqual(80);
});

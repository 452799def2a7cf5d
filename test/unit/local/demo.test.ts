import { describe, expect, it } from 'vitest';
import type { Status } from '../../../local/demo/client.ts';
import { createProgress } from '../../../local/demo/progress.ts';
import { timeline } from '../../../local/demo/timeline.ts';

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

const status: Status = {
  workflowId: 'w1',
  workflow: 'process-email',
  status: 'SUCCEEDED',
  startedAt: new Date(0).toISOString(),
  closedAt: new Date(100).toISOString(),
  steps: [call('fetch', 'SUCCEEDED', 0, 50), call('store', 'SUCCEEDED', 50, 100)],
};

function shown(isTTY: boolean): string {
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

  it('is a line for each step, once, elsewhere', () => {
    expect(shown(false)).toBe(
      '  process-email  fetch  SUCCEEDED  gmail get_email\n' +
        '  process-email  store  SUCCEEDED  gmail get_email\n' +
        '  process-email  SUCCEEDED\n',
    );
  });
});

it('draws a timeline with a bar for each step where it was', () => {
  const [, fetch, store] = timeline(status).split('\n');
  expect(fetch).toMatch(/^ {2}fetch +\|█{25} {23}\| 50 ms$/);
  expect(store).toMatch(/^ {2}store +\| {24}█{24}\| 50 ms$/);
});

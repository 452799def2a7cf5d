/**
 * An engine that moves ended executions out of memory, and compacts its journal, is killed again and again.
 * @module-tag long
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { openEngine } from '../../../../local/step-functions/engine.ts';

const kills = 12;
const Told = z.object({ ended: z.string() });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'moving-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('an engine that is killed then knows every execution whose end it told, once, with its outcome', async () => {
  const journalFile = path.join(folder, 'journal');
  const ended = new Set<string>();
  for (let round = 1; round <= kills; round += 1) {
    const writer = fork(new URL('./ended-writer.ts', import.meta.url), [journalFile, `r${round}`], {
      execArgv: ['--import', 'tsx'],
    });
    const before = ended.size;
    writer.on('message', (message) => ended.add(Told.parse(message).ended));
    await vi.waitFor(() => expect(ended.size).toBeGreaterThan(before + 150 + 37 * round), {
      timeout: 20_000,
    });
    const exit = once(writer, 'exit');
    writer.kill('SIGKILL');
    await exit;

    const engine = await openEngine({
      journalFile,
      keptHistories: { succeeded: 20, redrivable: 5 },
      onStatusChange: undefined,
      invokeFunction: () => Promise.reject(new Error('there are no functions')),
    });
    const all = { before: Number.POSITIVE_INFINITY, wanted: () => true, closedToo: true };
    const known = [...engine.executions.newestOf('m', all)];
    await engine.close();
    const statusByName = new Map(known.map(({ start, status }) => [start.name, status]));
    expect(statusByName.size).toBe(known.length);
    expect([...ended].filter((name) => statusByName.get(name) !== 'SUCCEEDED')).toEqual([]);
    const numbers = known.map(({ start }) => start.number);
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
  }
}, 120_000);

/** What local mode keeps of its log for get_logs. */
import { appendFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openKeptLines } from '../../../../local/log/kept-lines.ts';
import { keptLogSource } from '../../../../local/log/kept-log-source.ts';

const noon = Date.parse('2026-11-28T12:00:00.000Z');
const query = { level: 'debug', fromMs: noon, toMs: noon + 3_600_000 } as const;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-lines-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const said = (number: number): string =>
  JSON.stringify({ level: 'INFO', message: `m${number}`, timestamp: '2026-11-28T12:00:01.000Z' });

const open = () => openKeptLines({ folder, fileBytes: 1_000, mostFiles: 3 });

const reading = (position?: unknown) => ({ position, limit: 1_000, deadlineMs: Number.MAX_SAFE_INTEGER });

const messagesIn = async (kept: ReturnType<typeof open>, position?: unknown) => {
  const page = await keptLogSource(kept, () => noon).read(query, reading(position));
  return { ...page, lines: page.lines.map(({ message }) => message) };
};

it('are there after a restart, the line that was cut short by a crash left out', async () => {
  const first = open();
  first.append(said(1));
  const { position } = await messagesIn(first);
  first.append(said(2));
  first.close();
  const [file = ''] = await readdir(folder);
  await appendFile(join(folder, file), '{"level":"INFO","mess');
  const second = open();
  second.append(said(3));
  expect((await messagesIn(second)).lines).toEqual(['m1', 'm2', 'm3']);
  expect(await messagesIn(second, position)).toMatchObject({ lines: ['m2', 'm3'], more: false });
  second.close();
});

it('are bounded: the oldest go, and who comes back with an old cursor is told that lines are lost', async () => {
  const kept = open();
  kept.append(said(0));
  const { position } = await messagesIn(kept);
  for (let number = 1; number <= 200; number++) kept.append(said(number));
  const files = await readdir(folder);
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size));
  expect(files).toHaveLength(3);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1_100);
  const { lines, lost } = await messagesIn(kept, position);
  expect([lines.at(-1), lost]).toEqual(['m200', true]);
  expect(lines.length).toBeGreaterThan(20);
  expect(lines[0]).not.toBe('m1');
  kept.close();
});

it('are for nobody else on this machine', async () => {
  const kept = open();
  const [file = ''] = await readdir(folder);
  expect((await stat(join(folder, file))).mode & 0o077).toBe(0);
  kept.close();
  kept.append(said(1));
});

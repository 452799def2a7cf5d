import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { onDemand } from './on-demand.ts';

const cache = fileURLToPath(new URL('../../node_modules/.cache/orchestrator', import.meta.url));

describe('onDemand', () => {
  const name = `test-${randomUUID()}`;
  const left = async () => (await readdir(cache)).filter((entry) => entry.startsWith(name));
  const base = { name, contents: 'one', boundMs: 10_000 };
  const folderOf = (found: object): string => {
    if (!('folder' in found)) throw new Error(JSON.stringify(found));
    return String(found.folder);
  };
  beforeEach(() => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    for (const entry of await left()) await rm(join(cache, entry), { recursive: true });
  });

  it('makes a folder once for all who ask at the same time, and for those who come later', async () => {
    let made = 0;
    const make = async (folder: string) => {
      made += 1;
      await writeFile(join(folder, 'file'), 'content');
    };
    const found = await Promise.all([1, 2, 3].map(() => onDemand({ ...base, make })));
    const later = await onDemand({ ...base, make });
    expect(made).toBe(1);
    const folders = [...found, later].map(folderOf);
    expect(new Set(folders).size).toBe(1);
    expect(await readFile(join(folders[0] ?? '', 'file'), 'utf8')).toBe('content');
    expect(await left()).toHaveLength(1);
  });

  it('makes another folder for other contents', async () => {
    const make = async () => undefined;
    const found = [await onDemand({ ...base, make }), await onDemand({ ...base, contents: 'two', make })];
    expect(new Set(found.map(folderOf)).size).toBe(2);
  });

  it('says what went wrong and leaves nothing, so that the next one tries again', async () => {
    const stderr = 'npm error code ENOTFOUND\nnpm error A complete log is in a file';
    const make = () => Promise.reject(Object.assign(new Error('Command failed'), { stderr }));
    expect(await onDemand({ ...base, make })).toEqual({
      skipped: `${name} cannot be installed: npm error code ENOTFOUND`,
    });
    expect(await left()).toEqual([]);
    expect(await onDemand({ ...base, make: async () => undefined })).toHaveProperty('folder');
  });

  it('gives up after its bound', async () => {
    const make = (_folder: string, signal: AbortSignal) =>
      new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    expect(await onDemand({ ...base, boundMs: 50, make })).toEqual({
      skipped: `${name} was not there within 0.05 s`,
    });
  });

  it('takes over from a process that ended while it made the folder', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const key = createHash('sha256').update('one').digest('hex').slice(0, 12);
    const lock = join(cache, `${name}-${key}.lock`);
    await mkdir(dirname(lock), { recursive: true });
    await writeFile(lock, String(pid));
    expect(await onDemand({ ...base, make: async () => undefined })).toHaveProperty('folder');
    expect(await left()).toEqual([`${name}-${key}`]);
  });
});

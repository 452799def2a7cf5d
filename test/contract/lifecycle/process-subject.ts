/** The process driver over a folder of its own, and programs for it to run. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import * as z from 'zod';
import type { DrivenStart } from '../../../src/instances/driver.ts';
import { createProcessDriver } from '../../../src/lifecycle/drivers/process/process-driver.ts';
import { isAlive } from '../../system/processes.ts';
import type { DriverSubject } from './driver-contract.ts';

/** Listens on its port, and says so. */
export const listening = `
  require('node:http')
    .createServer((request, response) => response.end(process.env.PORT))
    .listen(process.env.PORT, process.env.HOST, () => console.log('it listens'));
`;

export interface ProcessSubject extends DriverSubject {
  readonly dataDir: string;
  readonly says: string;
  end(start: DrivenStart): Promise<void>;
  /** A start of a program of Node's; with more settings than its command. */
  program(name: string, source: string, settings?: Record<string, unknown>): DrivenStart;
  /** Where the one start that there is has its record. */
  record(): string;
  /** What is written of each start. */
  records(): z.infer<typeof Kept>[];
  /** The runners, those that wait too, and what they run. */
  running(): number[];
}

/** What it says to a GET; `nothing` while it does not listen. */
export async function answerOf(url: string | undefined): Promise<string> {
  try {
    return await (await fetch(url ?? '')).text();
  } catch {
    return 'nothing';
  }
}

export async function processSubject(): Promise<ProcessSubject> {
  const dataDir = mkdtempSync(join(tmpdir(), 'process-'));
  /** In the command of each process that is started here. */
  const mark = (token: string): string => `${dataDir}#${token}#`;
  const program = (name: string, source: string, settings: Record<string, unknown> = {}): DrivenStart => ({
    service: 'clock',
    version: '1.0.0',
    transport: 'rest',
    id: `i-${name}`,
    token: `clock.i-${name}.1`,
    settings: {
      command: [process.execPath, '-e', source, mark(`clock.i-${name}.1`)],
      stopGraceSeconds: 5,
      ...settings,
    },
  });
  const pids = (text: string): number[] =>
    processes().flatMap(({ pid, command }) => (command.includes(text) ? [pid] : []));
  return {
    dataDir,
    says: 'it listens',
    program,
    record() {
      const folder = join(dataDir, 'instances');
      const [key = ''] = readdirSync(folder).filter((name) => /^[0-9a-f]{20}$/.test(name));
      return join(folder, key, 'record.json');
    },
    records: () => recordsIn(join(dataDir, 'instances')).map((text) => Kept.parse(JSON.parse(text))),
    running: () => pids(dataDir),
    open: () => createProcessDriver({ dataDir, env: process.env }),
    start: (name) => program(name, listening),
    copies: async ({ token }) => pids(mark(token)).length,
    async end({ token }) {
      for (const pid of pids(mark(token))) process.kill(pid, 'SIGKILL');
    },
    /** The runners end when what they run has. */
    async close() {
      for (const leader of leadersIn(join(dataDir, 'instances'))) process.kill(-leader, 'SIGKILL');
      try {
        await expect.poll(() => pids(dataDir), { timeout: 5_000, interval: 25 }).toEqual([]);
      } finally {
        for (const pid of pids(dataDir)) process.kill(pid, 'SIGKILL');
        rmSync(dataDir, { recursive: true, force: true });
      }
    },
  };
}

const recordsIn = (instances: string): string[] =>
  existsSync(instances)
    ? readdirSync(instances)
        .map((name) => join(instances, name, 'record.json'))
        .flatMap((file) => (existsSync(file) ? [readFileSync(file, 'utf8')] : []))
    : [];

const Kept = z.object({
  runner: z.object({ pid: z.number() }),
  child: z.object({ pid: z.number() }),
  ended: z.unknown().optional(),
});

/** Of the process groups that run for the starts in a folder. */
const leadersIn = (instances: string): number[] =>
  recordsIn(instances).flatMap((text) => {
    const { child, ended } = Kept.parse(JSON.parse(text));
    return ended === undefined && isAlive(child.pid) ? [child.pid] : [];
  });

interface Running {
  readonly pid: number;
  readonly command: string;
}

/** What runs on this machine; what has ended and waits for its parent to ask does not. */
const processes = (): Running[] =>
  execFileSync('ps', ['-A', '-ww', '-o', 'pid=,stat=,command='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [, pid, state = '', command = ''] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      return state.startsWith('Z') ? [] : [{ pid: Number(pid), command }];
    });

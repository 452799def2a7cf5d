/**
 * Instances as processes of this machine. Each runs under a small runner of its own, which goes on when the orchestrator
 * ends, however it does, and is found again by what it has written into the data folder (ADR 30).
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { OrchestratorError } from '../../../base/errors.ts';
import { once } from '../../../base/once.ts';
import { isRunning } from '../../../base/process-identity.ts';
import { RecentMap } from '../../../base/recent-map.ts';
import { surroundings } from '../../../base/surroundings.ts';
import type { DrivenStart, Driver, Listed, Observed } from '../../../instances/driver.ts';
import { refused } from '../refusal.ts';
import { lastLines } from './last-lines.ts';
import { startRunner, tellRunner } from './launch-runner.ts';
import type { RunnerAnswer, RunnerOrder } from './runner-order.ts';
import { runnerProgram } from './runner-program.ts';
import { keepSpareRunners } from './spare-runners.ts';
import { startFiles, startKey } from './start-files.ts';
import { orderOf } from './start-order.ts';
import type { StartRecord } from './start-record.ts';
import { Starts } from './starts.ts';
import { tidy } from './tidy.ts';

export interface ProcessDriverOptions {
  /** What is started for it is found here again. */
  readonly dataDir: string;
  /** Of the orchestrator; of it the processes inherit what every program needs, and nothing else. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function createProcessDriver({ dataDir, env }: ProcessDriverOptions): Driver {
  const instances = resolve(join(dataDir, 'instances'));
  const inherited = surroundings(env);
  const listeners: ((ended: Listed) => void)[] = [];
  const starts = new Starts(instances, (record) => {
    for (const told of listeners) told(listed(record));
  });
  const end = new AbortController();
  const runners = once(async () => {
    const program = await runnerProgram(instances);
    const start = () => startRunner({ program, instances, env: inherited });
    return { start, ...keepSpareRunners(start, end.signal) };
  });
  const starting = new Map<string, Promise<Observed>>();
  /** Since when the runner of a start has not answered a request to stop. */
  const silentSinceMs = new RecentMap<string, number>(mostSilent);

  async function startOnce(start: DrivenStart): Promise<Observed> {
    const key = startKey(start.token);
    const known = await starts.find(key);
    if (known !== undefined) return observed(known);
    const order = orderOf(start, { instances, env: inherited });
    const answer = await launch(order);
    if (answer.kind === 'refused')
      throw refused(`Service ${start.service} cannot be started here: ${answer.why}`);
    if (answer.kind === 'failed') throw new Error(answer.why);
    void all();
    const record = await starts.find(key);
    if (record !== undefined) starts.tell(record);
    return observed(record);
  }

  async function launch(order: RunnerOrder): Promise<RunnerAnswer> {
    mkdirSync(instances, { recursive: true, mode: 0o700 });
    const { take, start, fill } = await runners();
    const spare = take();
    // One that was killed meanwhile gives no answer; a token is never started twice.
    const answer = spare && (await tellRunner(spare, order).catch(() => undefined));
    const given = answer ?? (await tellRunner(start(), order));
    fill();
    return given;
  }

  /** Without those that ended long ago. */
  async function all(): Promise<StartRecord[]> {
    const records = await starts.all();
    const gone = tidy(instances, records, Date.now());
    return records.filter(({ token }) => !gone.has(token));
  }

  /** What runs may have to be replaced. */
  async function prepare(records: readonly StartRecord[]): Promise<void> {
    if (records.some(({ ended }) => ended === undefined)) (await runners()).fill();
  }

  return {
    kind: 'process',
    start(start) {
      const { token } = start;
      const known = starting.get(token);
      if (known !== undefined) return known;
      const one = startOnce(start)
        .catch((error: unknown) => {
          throw notStarted(start, error);
        })
        .finally(() => starting.delete(token));
      starting.set(token, one);
      return one;
    },
    describe: async ({ token }) => observed(await starts.find(startKey(token))),
    async stop({ token, id }) {
      const key = startKey(token);
      await starting.get(token)?.catch(() => undefined);
      const link = await starts.link(key);
      if (link !== undefined && (await link.stop())) return;
      const record = link?.record ?? (await starts.find(key));
      if (record === undefined || record.ended !== undefined) return;
      const sinceMs = silentSinceMs.get(token) ?? performance.now();
      silentSinceMs.set(token, sinceMs);
      stopBySignal(record, { id, byForce: performance.now() - sinceMs >= silenceMs });
    },
    list: async () => (await all()).map(listed),
    logs: async ({ token }, lines) => lastLines(startFiles(instances, startKey(token)), lines),
    onExit(told) {
      listeners.push(told);
      // Of one that runs already it is heard only once somebody has connected to its runner.
      void all().then(prepare);
    },
    close() {
      starts.close();
      end.abort();
    },
  };
}

/** What this machine is in the way of, such as a full disk, is said, and it is tried again. */
function notStarted({ id }: DrivenStart, thrown: unknown): OrchestratorError {
  if (thrown instanceof OrchestratorError) return thrown;
  const why = thrown instanceof Error ? thrown.message : 'unknown';
  return new OrchestratorError('service.failed', `Instance ${id} was not started: ${why}`, { cause: thrown });
}

/** How long a runner may not answer before it is ended by force; what it runs ends with it. */
const silenceMs = 20_000;
const mostSilent = 1_000;

interface BySignal {
  readonly id: string;
  readonly byForce: boolean;
}

/** Its socket may be gone, as from a folder for temporary files. A runner takes SIGTERM for the request to stop. */
function stopBySignal({ runner }: StartRecord, { id, byForce }: BySignal): void {
  if (runner.began === undefined || !isRunning(runner))
    throw new Error(`The runner of instance ${id} runs and does not answer`);
  process.kill(runner.pid, byForce ? 'SIGKILL' : 'SIGTERM');
}

/** A start that has been stopped or has ended stays known for a while; its token starts nothing any more. */
function observed(record: StartRecord | undefined): Observed {
  if (record === undefined) return { state: 'GONE' };
  const { child, url, ended } = record;
  const ref = child && String(child.pid);
  if (ended === undefined) return { state: child === undefined ? 'PENDING' : 'RUNNING', ref, url };
  return { state: 'EXITED', ref, exit: { how: ended.how, lastLines: ended.lastLines } };
}

const listed = (record: StartRecord): Listed => {
  const { service, id, token } = record;
  return { service, id, token, ...observed(record) };
};

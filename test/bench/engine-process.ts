/** A process with an engine alone: `engine-process.ts <scenario>` measures it, tells its parent, and waits for its end. */

import { statSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as z from 'zod';
import { compactionBound } from '../../local/step-functions/journal/file-journal.ts';
import { startTestStepFunctions } from '../system/step-functions.ts';
import { machines, openDriven } from './driven-engine.ts';
import type { Compaction, Ended, MapCost, Recovery, Throughput, Waiting } from './engine-scenarios.ts';
import { Scenario } from './engine-scenarios.ts';
import { measureLoad, quantile } from './load.ts';

const atOnce = 64;
const statesEach = 3;
type Of<K extends Scenario['kind']> = Extract<Scenario, { kind: K }>;

const cpuMs = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
};

async function throughput({ seconds, journalFile }: Of<'throughput'>): Promise<z.infer<typeof Throughput>> {
  const driven = await openDriven(machines.threeTasks, { journalFile });
  const run = async (): Promise<number> => {
    const began = performance.now();
    await driven.run({ item: 'a parcel' });
    return performance.now() - began;
  };
  await measureLoad({ clients: atOnce, seconds: seconds / 4 }, run);
  const before = process.cpuUsage();
  const { count, perSecond } = await measureLoad({ clients: atOnce, seconds }, run);
  const cpuUsPerState = (cpuMs(before) * 1_000) / (count * statesEach);
  await driven.close();
  return { perSecond, cpuUsPerState };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}

const held = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

async function waiting({ count, journalFile }: Of<'waiting'>): Promise<z.infer<typeof Waiting>> {
  const driven = await openDriven(machines.taskThenWait, { journalFile });
  collectGarbage();
  const idle = { rss: process.memoryUsage().rss, held: held() };
  for (let begun = 0; begun < count; begun++) {
    driven.start({ item: `parcel ${begun}`, address: 'a street of some length, a town, a country' });
    if (begun % atOnce === 0) await driven.written();
  }
  await driven.allWait();
  const rssBytes = process.memoryUsage().rss - idle.rss;
  collectGarbage();
  const collectedBytes = held() - idle.held;
  await driven.close();
  return { count, rssBytes, collectedBytes };
}

const Listed = z.object({ executions: z.array(z.unknown()), nextToken: z.string().optional() });

async function ask(url: string, operation: string, input: object): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AWSStepFunctions.${operation}`,
    },
    body: JSON.stringify(input),
  });
  return response.json();
}

async function running(url: string, stateMachineArn: string): Promise<number> {
  let count = 0;
  let nextToken: string | undefined;
  do {
    const input = {
      stateMachineArn,
      statusFilter: 'RUNNING',
      maxResults: 1_000,
      ...(nextToken && { nextToken }),
    };
    const page = Listed.parse(await ask(url, 'ListExecutions', input));
    count += page.executions.length;
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return count;
}

/** The API is asked for the first time when everything was resumed: it answers after the last one waits again. */
async function recovery({ journalFile }: Of<'recovery'>): Promise<z.infer<typeof Recovery>> {
  const began = performance.now();
  const invokeFunction = () => Promise.reject(new Error('what was done is not called again'));
  const engine = await startTestStepFunctions({ journalFile, invokeFunction });
  await ask(engine.url, 'ListStateMachines', {});
  const ms = performance.now() - began;
  const answer = { ms, running: await running(engine.url, machines.arn) };
  await engine.close();
  return answer;
}

async function map({ items, journalFile }: Of<'map'>): Promise<z.infer<typeof MapCost>> {
  const driven = await openDriven(machines.mapOfTasks, { journalFile });
  const times: number[] = [];
  const cpus: number[] = [];
  let events = 0;
  for (let turn = 0; turn < 7; turn++) {
    const began = performance.now();
    const before = process.cpuUsage();
    const execution = await driven.run({ items: Array.from({ length: items }, (_, item) => ({ item })) });
    times.push(performance.now() - began);
    cpus.push(cpuMs(before));
    events = execution.eventCount;
  }
  await driven.close();
  return { items, ms: quantile(times, 0.5), cpuMs: quantile(cpus, 0.5), events };
}

/** Some load, so that what stands still is seen; ends when `done` says so. Gives the longest stall. */
async function longestStall(run: () => Promise<unknown>, done: () => boolean): Promise<number> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  while (!done()) {
    await run();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  delays.disable();
  return delays.max / 1e6;
}

async function compaction({ bytes, journalFile }: Of<'compaction'>): Promise<z.infer<typeof Compaction>> {
  const bound = { ...compactionBound, bytes, growth: 1 };
  const driven = await openDriven(machines.pass, { journalFile, compactionBound: bound });
  const input = { text: 'x'.repeat(1_000) };
  const run = () => driven.run(input);
  const size = (): number => statSync(journalFile).size;
  while (size() < bytes - (1 << 20)) await Promise.all(Array.from({ length: atOnce }, run));
  const usualUntil = performance.now() + 300;
  const usualStallMs = await longestStall(run, () => performance.now() > usualUntil);
  while (size() < bytes - (64 << 10)) await run();
  const file = statSync(journalFile).ino;
  let before = size();
  const began = performance.now();
  const longestStallMs = await longestStall(run, () => {
    const { ino, size: now } = statSync(journalFile);
    if (ino === file) before = now;
    return ino !== file;
  });
  const answer = { before, after: size(), ms: performance.now() - began, longestStallMs, usualStallMs };
  await driven.close();
  return answer;
}

async function ended({ count, journalFile }: Of<'ended'>): Promise<z.infer<typeof Ended>> {
  const first = await openDriven(machines.pass, { journalFile });
  const runMany = async (executions: number): Promise<number> => {
    let begun = 0;
    const client = async (): Promise<void> => {
      while (begun++ < executions) await first.run({ item: 'a parcel' });
    };
    await Promise.all(Array.from({ length: atOnce }, client));
    await first.written();
    collectGarbage();
    return held();
  };
  const before = await runMany(count / 5);
  const grownBytes = (await runMany(count - count / 5)) - before;
  await first.close();
  await (await openDriven(machines.pass, { journalFile })).close();
  const began = performance.now();
  const last = await openDriven(machines.pass, { journalFile });
  const openMs = performance.now() - began;
  const starts: number[] = [];
  for (let started = 0; started < 2_000; started++) {
    const from = performance.now();
    last.start({ item: 'a parcel' });
    starts.push((performance.now() - from) * 1_000);
    if (started % atOnce === 0) await last.written();
  }
  await last.close();
  return { count, grownBytes, openMs, startUs: quantile(starts, 0.5) };
}

function measure(scenario: Scenario): Promise<object> {
  switch (scenario.kind) {
    case 'throughput':
      return throughput(scenario);
    case 'waiting':
      return waiting(scenario);
    case 'recovery':
      return recovery(scenario);
    case 'map':
      return map(scenario);
    case 'compaction':
      return compaction(scenario);
    case 'ended':
      return ended(scenario);
  }
}

process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
process.send?.(await measure(Scenario.parse(JSON.parse(process.argv[2] ?? ''))));

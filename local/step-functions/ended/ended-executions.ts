/**
 * The executions that ended long ago, on the disk and not in memory: how each ended, by its name, its machine and the
 * time. What is here has no history any more, so it never changes, and goes when its time is over. What it says counts
 * before what a journal still has of the same execution.
 */
import { existsSync, renameSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Environment } from '../../dynamodb/storage/environment.ts';
import { executionOf, outcomeOf } from '../journal/outcome.ts';
import { JournalRecord } from '../journal/record.ts';
import type { Execution } from '../running/execution.ts';
import {
  allOfMachine,
  endedBefore,
  endKey,
  lastNumberKey,
  machineKey,
  nameKey,
  numberAtEnd,
  numberBytes,
  numberIn,
  ofMachineBefore,
  recordKey,
  revisionKey,
} from './keys.ts';

/** Of what says all in its key. */
const isThere = Buffer.from('1');

/** What a list is narrowed by. */
export type Wanted = (of: Pick<Execution, 'status' | 'redriveCount'>) => boolean;

/** Written or removed at a time, between which the engine goes on. */
const sliceOf = 200;

export class EndedExecutions {
  readonly #path: string;
  /** Made with the first one that is kept. */
  #environment: Environment | undefined;

  constructor(path: string) {
    this.#path = path;
    if (existsSync(path)) this.#environment = openOrSetAside(path);
  }

  get(arn: string): Execution | undefined {
    const number = this.#numberOf(arn);
    return number === undefined ? undefined : this.#read(number);
  }

  /** Whether it is here: this very execution, not an earlier one of its name. */
  holds({ start: { arn, number } }: Execution): boolean {
    return this.#numberOf(arn) === number;
  }

  hasAnyOf(machineArn: string): boolean {
    return (this.#environment?.first(allOfMachine(machineArn), 1).length ?? 0) > 0;
  }

  hasRevision(revisionId: string): boolean {
    return this.#environment?.get(revisionKey(revisionId)) !== undefined;
  }

  get lastNumber(): number {
    const value = this.#environment?.get(lastNumberKey);
    return value === undefined ? 0 : numberIn(value);
  }

  /** Those of a machine with lower numbers, the highest first. */
  *newestOf(machineArn: string, before: number, wanted: Wanted): Generator<Execution, void, undefined> {
    if (this.#environment === undefined) return;
    for (const { key, value } of this.#environment.entries(ofMachineBefore(machineArn, before))) {
      const execution = wanted(factsIn(value)) ? this.#read(numberAtEnd(key)) : undefined;
      if (execution !== undefined) yield execution;
    }
  }

  /** Resolves when all of them are on the disk. */
  async add(executions: readonly Execution[]): Promise<void> {
    this.#environment ??= openOrSetAside(this.#path);
    const environment = this.#environment;
    for (let from = 0; from < executions.length; from += sliceOf) {
      environment.transact(() => put(environment, executions.slice(from, from + sliceOf)));
      await nextTurn();
    }
    await environment.acknowledged();
  }

  /** Removes those that ended before the moment (epoch milliseconds). */
  async forgetBefore(moment: number): Promise<void> {
    const environment = this.#environment;
    if (environment === undefined) return;
    for (;;) {
      const old = environment.first(endedBefore(moment), sliceOf);
      if (old.length === 0) return;
      environment.transact(() => {
        for (const { key } of old) this.#remove(environment, key);
      });
      await nextTurn();
    }
  }

  close(): Promise<void> {
    return this.#environment?.close() ?? Promise.resolve();
  }

  #numberOf(arn: string): number | undefined {
    const value = this.#environment?.get(nameKey(arn));
    return value && numberIn(value);
  }

  #read(number: number): Execution | undefined {
    const value = this.#environment?.get(recordKey(number));
    return value && parse(value);
  }

  #remove(environment: Environment, key: Buffer): void {
    const number = numberAtEnd(key);
    const execution = this.#read(number);
    environment.remove(key);
    environment.remove(recordKey(number));
    if (execution === undefined) return;
    const { arn, machineArn, revisionId } = execution.start;
    environment.remove(machineKey(machineArn, number));
    if (this.#numberOf(arn) === number) environment.remove(nameKey(arn));
    count(environment, revisionId, -1);
  }
}

function put(environment: Environment, executions: readonly Execution[]): void {
  const last = environment.get(lastNumberKey);
  let lastNumber = last === undefined ? 0 : numberIn(last);
  for (const execution of executions) {
    const { arn, number, machineArn, revisionId } = execution.start;
    const { status, redriveCount, stopDate = 0 } = execution;
    environment.put(recordKey(number), Buffer.from(JSON.stringify(outcomeOf(execution))));
    environment.put(nameKey(arn), numberBytes(number));
    environment.put(machineKey(machineArn, number), Buffer.from(`${status} ${redriveCount}`));
    environment.put(endKey(stopDate, number), isThere);
    count(environment, revisionId, 1);
    lastNumber = Math.max(lastNumber, number);
  }
  environment.put(lastNumberKey, numberBytes(lastNumber));
}

function count(environment: Environment, revisionId: string, by: 1 | -1): void {
  const key = revisionKey(revisionId);
  const now = environment.get(key);
  const next = (now === undefined ? 0 : numberIn(now)) + by;
  if (next > 0) environment.put(key, numberBytes(next));
  else environment.remove(key);
}

/** Undefined for one that is not as it was written. */
function parse(value: Buffer): Execution | undefined {
  try {
    const { data } = JournalRecord.safeParse(JSON.parse(value.toString()));
    return data?.kind === 'closed' ? executionOf(data) : undefined;
  } catch {
    return undefined;
  }
}

function factsIn(value: Buffer): Pick<Execution, 'status' | 'redriveCount'> {
  const [status, redriveCount] = value.toString().split(' ');
  return {
    status: statuses.find((one) => one === status) ?? 'FAILED',
    redriveCount: Number(redriveCount),
  };
}

const statuses: readonly Execution['status'][] = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

/** As a journal that cannot be read: kept under another name, and begun anew. */
function openOrSetAside(path: string): Environment {
  try {
    return new Environment({ path, durability: 'disk' });
  } catch (error) {
    const aside = `${path}.unreadable-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
    renameSync(path, aside);
    const why = error instanceof Error ? error.message : String(error);
    console.error(
      `The ended executions in ${path} cannot be read (${why}). They were set aside as ${aside}: they are not known ` +
        'any more, and their names are free.',
    );
    return new Environment({ path, durability: 'disk' });
  }
}

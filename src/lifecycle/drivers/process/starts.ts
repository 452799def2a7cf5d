/** The starts of one data folder: what is known of each, from its runner while that runs, else from its file. */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '../../../base/process-identity.ts';
import { RecentMap } from '../../../base/recent-map.ts';
import { bury } from './bury.ts';
import { readRecord } from './read-record.ts';
import { linkRunner, type RunnerLink } from './runner-link.ts';
import { isStartKey, startFiles } from './start-files.ts';
import type { StartRecord } from './start-record.ts';

/** A runner listens before its record is there; one that is about to end may listen no longer, and ends the record. */
const mostTries = 20;
const triesMs = 50;
/** For all tries: one that is there and says nothing keeps nobody waiting for longer. */
const boundMs = 5_000;
/** Ends that are remembered so that each is told once. */
const mostTold = 1_000;

export class Starts {
  readonly #instances: string;
  readonly #ended: (record: StartRecord) => void;
  readonly #told = new RecentMap<string, true>(mostTold);
  readonly #links = new Map<string, Promise<RunnerLink | undefined>>();
  #closed = false;

  /** `ended` is told once of each that ends from now on. */
  constructor(instances: string, ended: (record: StartRecord) => void) {
    this.#instances = instances;
    this.#ended = ended;
  }

  /** What is known now; undefined where nothing is. */
  async find(key: string): Promise<StartRecord | undefined> {
    const link = await this.link(key);
    return link?.record ?? (await this.#fromFile(key));
  }

  /** All that there are. */
  async all(): Promise<StartRecord[]> {
    const keys = namesIn(this.#instances).filter(isStartKey);
    const found = await Promise.all(keys.map((key) => this.find(key)));
    return found.filter((record) => record !== undefined);
  }

  /** The connection to its runner; undefined where that does not run. */
  link(key: string): Promise<RunnerLink | undefined> {
    const known = this.#links.get(key);
    if (known !== undefined) return known;
    const linking = this.#connect(key);
    this.#links.set(key, linking);
    const forget = (): void => void this.#links.delete(key);
    linking.then((link) => link ?? forget(), forget);
    return linking;
  }

  /** Tells of it where it has ended: one that was started here may have ended before it was connected. */
  tell(record: StartRecord): void {
    if (record.ended === undefined || this.#closed || this.#told.get(record.token)) return;
    this.#told.set(record.token, true);
    this.#ended(record);
  }

  close(): void {
    this.#closed = true;
    for (const linking of this.#links.values()) void linking.then((link) => link?.close());
  }

  async #connect(key: string): Promise<RunnerLink | undefined> {
    const { record: file } = startFiles(this.#instances, key);
    const untilMs = performance.now() + boundMs;
    for (let tries = 0; tries < mostTries && performance.now() < untilMs; tries += 1) {
      const record = await readRecord(file);
      if (record === undefined || record.ended !== undefined) return undefined;
      const link = await linkRunner(record, (last) => void this.#lost(key, last));
      if (link !== undefined) return this.#unlessClosed(link);
      if (!isRunning(record.runner)) return undefined;
      await sleep(triesMs);
    }
    return undefined;
  }

  #unlessClosed(link: RunnerLink): RunnerLink {
    if (this.#closed) link.close();
    return link;
  }

  async #fromFile(key: string): Promise<StartRecord | undefined> {
    const files = startFiles(this.#instances, key);
    const record = await readRecord(files.record);
    if (record === undefined || record.ended !== undefined || isRunning(record.runner)) return record;
    return bury(files, record, Date.now());
  }

  /** The runner has told the end, or was killed. */
  async #lost(key: string, last: StartRecord): Promise<void> {
    this.#links.delete(key);
    const record = last.ended === undefined ? await this.find(key) : last;
    if (record !== undefined) this.tell(record);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

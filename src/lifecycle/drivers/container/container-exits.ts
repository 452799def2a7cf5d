/** Tells of each container that ends, as the engine does; where the engine goes away it is asked again. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { Listed, Observed } from '../../../instances/driver.ts';
import type { ContainerEngine } from './container-engine.ts';
import { containerName, ownedBy, startIn } from './container-labels.ts';
import { exitOf } from './container-state.ts';

export interface Follow {
  readonly engine: ContainerEngine;
  readonly owner: string;
  readonly signal: AbortSignal;
  readonly told: (ended: Listed) => void;
}

const shownLines = 20;
const againMs = 2_000;

const Attributes = z.object({ exitCode: z.string().optional() });

/** Returns when the signal aborts. */
export async function followExits({ engine, owner, signal, told }: Follow): Promise<void> {
  const tell = async (attributes: unknown): Promise<void> => {
    const start = startIn(attributes);
    if (start === undefined) return;
    const ref = containerName(owner, start);
    const { exitCode } = Attributes.safeParse(attributes).data ?? {};
    const how = exitCode === undefined ? 'by itself' : `with code ${exitCode}`;
    const exit = (await exitWithLines(engine, ref).catch(() => undefined)) ?? { how };
    told({ ...start, state: 'EXITED', ref, exit });
  };
  while (!signal.aborted) {
    try {
      for await (const attributes of engine.exits(ownedBy(owner), signal)) void tell(attributes);
    } catch {
      // Whoever asks for its state is told that the engine is not there.
    }
    await sleep(againMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** Undefined where it is not there any more. */
export async function exitWithLines(engine: ContainerEngine, name: string): Promise<Observed['exit']> {
  const info = await engine.inspect(name);
  return info && { how: exitOf(info), lastLines: await engine.lastLines(name, shownLines) };
}

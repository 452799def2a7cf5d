/**
 * Runs instances as containers of this machine. A container is named by its start, so that the engine itself refuses a
 * second one, and labelled with its owner, so that it is found again. Where its image is not there it is fetched first,
 * while the start is `PENDING`; whoever dies meanwhile has started nothing.
 */
import type { DrivenStart, Driver, Observed } from '../../../instances/driver.ts';
import { ContainerSettings } from '../../../registry/services/model/driver.ts';
import { refusal } from '../refusal.ts';
import { createContainerEngine } from './container-engine.ts';
import { exitWithLines, followExits } from './container-exits.ts';
import { containerName, ofInstance, ownedBy } from './container-labels.ts';
import { containerSpec } from './container-spec.ts';
import { listedIn, stateOf, urlOf } from './container-state.ts';
import { createStartsUnderWay } from './starts-under-way.ts';

export interface ContainerDriverOptions {
  /** Of the Docker Engine API. */
  readonly socketPath: string;
  /** Names this orchestrator among those that use the same engine. */
  readonly owner: string;
}

export function createContainerDriver({ socketPath, owner }: ContainerDriverOptions): Driver {
  const engine = createContainerEngine(socketPath);
  const underWay = createStartsUnderWay(engine);
  const stops = new Map<string, Promise<void>>();
  const nameOf = (start: Pick<DrivenStart, 'service' | 'token'>) => containerName(owner, start);
  const describe = async (start: DrivenStart): Promise<Observed> => {
    const name = nameOf(start);
    const info = await engine.inspect(name);
    const state = info && stateOf(info.State.Status);
    if (info === undefined || state === undefined || state === 'PENDING') return underWay.observed(name);
    const { transport, settings } = start;
    const { path } = ContainerSettings.parse(settings);
    const url = urlOf(info, { transport, path });
    return {
      state,
      ref: name,
      url,
      exit: state === 'EXITED' ? await exitWithLines(engine, name) : undefined,
    };
  };
  const end = async (name: string): Promise<void> => {
    await engine.stop(name);
    await engine.remove(name);
  };
  /** Starts of an instance that ended by themselves stay for what they said, until the next one. */
  const removeEarlier = async (start: DrivenStart): Promise<void> => {
    const all = await engine.list(ofInstance(owner, start));
    const ended = all.flatMap((info) => listedIn(info) ?? []).filter(({ state }) => state === 'EXITED');
    const earlier = ended.flatMap(({ token, ref }) => (token === start.token || !ref ? [] : [ref]));
    await Promise.all(earlier.map(engine.remove));
  };
  const follower = new AbortController();
  return {
    kind: 'container',
    async start(start) {
      const settings = ContainerSettings.parse(start.settings);
      const known = await describe(start);
      if (known.state !== 'GONE') return known;
      try {
        await underWay.begin(containerSpec(owner, start, settings));
      } catch (thrown) {
        throw refusal(thrown);
      }
      removeEarlier(start).catch(() => undefined);
      return await describe(start);
    },
    describe,
    /** The engine ends it after the grace, also when nobody waits for that. What fails meanwhile fails the next stop again. */
    async stop(start) {
      const name = nameOf(start);
      underWay.abandon(name);
      if ((await engine.inspect(name)) === undefined || stops.has(name)) return;
      const ended = end(name).catch(() => undefined);
      stops.set(
        name,
        ended.finally(() => stops.delete(name)),
      );
    },
    async list() {
      const all = await engine.list([ownedBy(owner)]);
      return all.flatMap((info) => listedIn(info) ?? []);
    },
    logs: (start, lines) => engine.lastLines(nameOf(start), lines),
    onExit(told) {
      void followExits({ engine, owner, signal: follower.signal, told });
    },
    close() {
      follower.abort();
      underWay.close();
    },
  };
}

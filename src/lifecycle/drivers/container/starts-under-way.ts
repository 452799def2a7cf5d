/**
 * Starts that this process has begun and not finished: to create a container and to start it are two requests, and between
 * them its image may have to be fetched, which nobody waits for.
 */
import type { Observed } from '../../../instances/driver.ts';
import type { ContainerEngine, ContainerSpec } from './container-engine.ts';
import { createImageFetcher } from './image-fetcher.ts';

interface UnderWay {
  readonly accepted: Promise<void>;
  /** Why there will be no container. */
  failed?: string;
}

export function createStartsUnderWay(engine: ContainerEngine) {
  const images = createImageFetcher(engine);
  const starts = new Map<string, UnderWay>();
  const begin = (spec: ContainerSpec): UnderWay => {
    const isWanted = () => starts.get(spec.name) === one;
    const over = () => {
      if (isWanted()) starts.delete(spec.name);
    };
    const fetchAndRun = async (): Promise<void> => {
      await images.fetch(spec.Image);
      if (!isWanted()) return;
      if (!(await engine.create(spec))) throw new Error(`there is no image ${spec.Image}`);
      await run(engine, spec.name);
    };
    const createAndRun = async (): Promise<void> => {
      if (await engine.create(spec)) return await run(engine, spec.name).finally(over);
      fetchAndRun().then(over, (thrown: unknown) => {
        one.failed = `before it ran: ${thrown instanceof Error ? thrown.message : 'it could not be started'}`;
      });
    };
    const accepted = createAndRun().catch((thrown) => {
      over();
      throw thrown;
    });
    const one: UnderWay = { accepted };
    return one;
  };
  return {
    /** Of one that has no container that ever ran. */
    observed(name: string): Observed {
      const one = starts.get(name);
      if (one === undefined) return { state: 'GONE' };
      if (one.failed === undefined) return { state: 'PENDING' };
      return { state: 'EXITED', ref: name, exit: { how: one.failed } };
    },
    /** Returns when it runs or its image is being fetched. Those that ask at the same time ask for one. */
    async begin(spec: ContainerSpec): Promise<void> {
      const earlier = starts.get(spec.name);
      const one = earlier === undefined || earlier.failed !== undefined ? begin(spec) : earlier;
      starts.set(spec.name, one);
      await one.accepted;
    },
    /** What is being fetched for it is fetched all the same: its next start will need it. */
    abandon: (name: string): void => void starts.delete(name),
    /** What has a container goes on. */
    close(): void {
      starts.clear();
      images.close();
    },
  };
}

/** What cannot be started is taken away, unless another has started it meanwhile. */
async function run(engine: ContainerEngine, name: string): Promise<void> {
  try {
    await engine.start(name);
  } catch (thrown) {
    await engine.remove(name).catch(() => undefined);
    throw thrown;
  }
}

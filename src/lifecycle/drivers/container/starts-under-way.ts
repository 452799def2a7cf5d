/**
 * Starts that this process has begun and not finished: to create a container and to start it are two requests, and between
 * them its image may have to be fetched, which nobody waits for.
 */
import { OrchestratorError } from '../../../base/errors.ts';
import type { Observed } from '../../../instances/driver.ts';
import type { ContainerEngine, ContainerSpec } from './container-engine.ts';

interface UnderWay {
  readonly abandoned: AbortController;
  readonly accepted: Promise<void>;
  /** Why there will be no container. */
  failed?: string;
}

const fetchMs = 600_000;

export function createStartsUnderWay(engine: ContainerEngine) {
  const starts = new Map<string, UnderWay>();
  const fetchAndRun = async (spec: ContainerSpec, abandoned: AbortSignal): Promise<void> => {
    await fetchImage(engine, spec.Image, abandoned);
    abandoned.throwIfAborted();
    if (!(await engine.create(spec))) throw new Error(`there is no image ${spec.Image}`);
    await run(engine, spec.name);
  };
  const begin = (spec: ContainerSpec): UnderWay => {
    const abandoned = new AbortController();
    const over = () => {
      if (starts.get(spec.name) === one) starts.delete(spec.name);
    };
    const createAndRun = async (): Promise<void> => {
      if (await engine.create(spec)) return await run(engine, spec.name).finally(over);
      fetchAndRun(spec, abandoned.signal).then(over, (thrown: unknown) => {
        one.failed = `before it ran: ${thrown instanceof Error ? thrown.message : 'it could not be started'}`;
      });
    };
    const accepted = createAndRun().catch((thrown) => {
      over();
      throw thrown;
    });
    const one: UnderWay = { abandoned, accepted };
    return one;
  };
  return {
    /** Of one that has no container that ever ran. */
    observed(name: string): Observed {
      const one = starts.get(name);
      if (one === undefined) return { state: 'GONE' };
      if (one.failed === undefined) return { state: 'PENDING', ref: name };
      return { state: 'EXITED', ref: name, exit: { how: one.failed } };
    },
    /** Returns when it runs or its image is being fetched. Those that ask at the same time ask for one. */
    async begin(spec: ContainerSpec): Promise<void> {
      const earlier = starts.get(spec.name);
      const one = earlier === undefined || earlier.failed !== undefined ? begin(spec) : earlier;
      starts.set(spec.name, one);
      await one.accepted;
    },
    abandon(name: string): void {
      starts.get(name)?.abandoned.abort();
      starts.delete(name);
    },
    /** What has a container goes on. */
    close(): void {
      for (const { abandoned } of starts.values()) abandoned.abort();
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

async function fetchImage(engine: ContainerEngine, image: string, abandoned: AbortSignal): Promise<void> {
  const tooLate = AbortSignal.timeout(fetchMs);
  try {
    await engine.pull(image, AbortSignal.any([abandoned, tooLate]));
  } catch (thrown) {
    const why = tooLate.aborted ? `not within ${fetchMs / 60_000} minutes` : reasonOf(thrown);
    throw new OrchestratorError('service.rejected', `its image ${image} could not be fetched: ${why}`, {
      cause: thrown,
    });
  }
}

const reasonOf = (thrown: unknown): string =>
  thrown instanceof OrchestratorError ? thrown.message : 'the engine ended it';

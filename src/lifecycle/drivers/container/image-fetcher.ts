/** Fetches images, each once for all that wait for it. */
import { OrchestratorError } from '../../../base/errors.ts';
import type { ContainerEngine } from './container-engine.ts';

const fetchMs = 600_000;

export function createImageFetcher(engine: Pick<ContainerEngine, 'pull'>) {
  const closing = new AbortController();
  const underWay = new Map<string, Promise<void>>();
  const fetchAnew = async (image: string): Promise<void> => {
    const tooLate = AbortSignal.timeout(fetchMs);
    try {
      await engine.pull(image, AbortSignal.any([closing.signal, tooLate]));
    } catch (thrown) {
      const why = tooLate.aborted ? `not within ${fetchMs / 60_000} minutes` : reasonOf(thrown);
      throw new OrchestratorError('service.rejected', `its image ${image} could not be fetched: ${why}`, {
        cause: thrown,
      });
    } finally {
      underWay.delete(image);
    }
  };
  return {
    async fetch(image: string): Promise<void> {
      const fetched = underWay.get(image) ?? fetchAnew(image);
      underWay.set(image, fetched);
      await fetched;
    },
    close(): void {
      closing.abort();
    },
  };
}

const reasonOf = (thrown: unknown): string =>
  thrown instanceof OrchestratorError ? thrown.message : 'the engine ended it';

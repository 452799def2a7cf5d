/**
 * The index of tools in this container. Whether something has changed is read at most every few seconds; then the
 * index is made again. Of each service its highest version with known tools is searched, or the highest in a range.
 */
import type { Clock } from '../../base/clock.ts';
import { anyVersion, highestInRange, parseReference } from '../services/model/service-reference.ts';
import { createToolIndex, type IndexedTool, type ToolIndex } from './model/tool-index.ts';
import type { CatalogueStore } from './store/catalogue-store.ts';

const checkedMs = 3_000;
/** When a change was written but could not be announced, it is found after this. */
const keptMs = 600_000;

export interface ToolQuery {
  readonly words: string;
  /** A service, perhaps with a range. */
  readonly service?: string | undefined;
  /** Only of these services. */
  readonly services?: ReadonlySet<string> | undefined;
}

export interface FoundTools {
  /** The best first. */
  readonly tools: readonly IndexedTool[];
  /** Where none was found: words that tools have and that are spelt much like those asked for. */
  readonly near: readonly string[];
}

export type SearchTools = (query: ToolQuery) => Promise<FoundTools>;

interface Kept {
  readonly revision: string | undefined;
  readonly index: ToolIndex;
  readonly versions: ReadonlyMap<string, string[]>;
  readonly madeAtMs: number;
}

export interface ToolSearchContext {
  readonly catalogues: Pick<CatalogueStore, 'revision' | 'summaries'>;
  readonly clock: Clock;
}

export function createToolSearch({ catalogues, clock }: ToolSearchContext): SearchTools {
  let kept: Promise<Kept> | undefined;
  let checkedAtMs = Number.NEGATIVE_INFINITY;

  /** The revision is read first: what is written after it is announced by another one. */
  async function make(revision: string | undefined): Promise<Kept> {
    const summaries = revision === undefined ? [] : await catalogues.summaries();
    const versions = new Map<string, string[]>();
    for (const { name, version } of summaries) versions.set(name, [...(versions.get(name) ?? []), version]);
    const tools = summaries.flatMap(({ name, version, tools: all }) =>
      all.map((tool): IndexedTool => ({ ...tool, service: name, version })),
    );
    return { revision, index: createToolIndex(tools), versions, madeAtMs: clock.now() };
  }

  async function current(): Promise<Kept> {
    const now = clock.now();
    if (kept && now - checkedAtMs < checkedMs) return kept;
    const revision = await catalogues.revision();
    const known = await kept;
    if (!known || known.revision !== revision || now - known.madeAtMs > keptMs) {
      const making = make(revision);
      making.catch(() => {
        kept = undefined;
      });
      kept = making;
    }
    checkedAtMs = now;
    return kept ?? make(revision);
  }

  return async ({ words, service, services }) => {
    const { index, versions } = await current();
    const wanted = service === undefined ? undefined : parseReference(service);
    const searched = new Map<string, string | undefined>();
    for (const [name, all] of versions)
      if (wanted === undefined || wanted.name === name)
        searched.set(name, highestInRange(all, wanted?.versionRange ?? anyVersion));
    const query = {
      words,
      among: (tool: IndexedTool) =>
        searched.get(tool.service) === tool.version && (services === undefined || services.has(tool.service)),
    };
    const tools = index.search(query);
    return { tools, near: tools.length > 0 ? [] : index.near(query) };
  };
}

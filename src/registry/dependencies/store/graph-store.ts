/**
 * The dependency graph: one item of the registry table, pk `GRAPH`, sk `HEAD`, compressed, with `ver` as its optimistic
 * lock. Names and ranges are written once each and then named by their number, so that 10,000 services fit.
 */
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';
import * as z from 'zod';
import type { Table } from '../../../aws/table.ts';
import { OrchestratorError } from '../../../base/errors.ts';
import { Dependency } from '../../services/model/services.ts';
import { type AllEdges, type Edges, emptyGraph, type Graph, type Intent } from '../model/graph.ts';

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);

/** More costs more time than it saves space. */
const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

/** An item has at most 400 KB (AWS: DynamoDB quotas). */
const mostBytes = 390_000;

const key = { pk: 'GRAPH', sk: 'HEAD' };

const StoredIntent = z.object({
  id: z.string(),
  node: z.string(),
  atMs: z.number(),
  removing: z.boolean(),
  edges: z.object({ services: z.array(Dependency), workflows: z.array(z.string()) }),
});

/** The service, the range, and 1 for required plus 2 for pending. */
const StoredDependency = z.tuple([z.number(), z.number(), z.number()]);

const Content = z.object({
  names: z.array(z.string()),
  ranges: z.array(z.string()),
  nodes: z.array(z.tuple([z.number(), z.array(StoredDependency), z.array(z.number())])),
  intents: z.array(StoredIntent),
});
type Content = z.infer<typeof Content>;

const Item = z.object({ ver: z.number().int(), content: z.instanceof(Uint8Array) });

export type GraphStore = ReturnType<typeof createGraphStore>;

export function createGraphStore(table: Table) {
  let last: Promise<unknown> = Promise.resolve();
  /** The one that was decoded last: a large one takes a tenth of a second, and changes seldom. */
  let decoded = emptyGraph;
  return {
    /** Changes of one process come one after the other: they need not get in the way of each other. */
    inTurn<T>(change: () => Promise<T>): Promise<T> {
      const done = last.then(change);
      last = done.catch(() => undefined);
      return done;
    },
    async read({ consistent = false } = {}): Promise<Graph> {
      const item = await table.get(key, { consistent });
      if (!item) return emptyGraph;
      const { ver, content } = Item.parse(item);
      const known = decoded;
      if (known.ver === ver) return known;
      const text = (await decompress(content)).toString();
      decoded = { ver, ...contentToGraph(Content.parse(JSON.parse(text))) };
      return decoded;
    },
    /** False when the graph is no longer the one that was read. Throws `registry.graph-full`. */
    async replace(read: Graph, next: Pick<Graph, 'edges' | 'intents'>): Promise<boolean> {
      const content = await compress(JSON.stringify(graphToContent(next)), quality);
      if (content.length > mostBytes) throw graphFull(content.length);
      return table.put(
        { ...key, schemaVersion: 1, ver: read.ver + 1, content },
        read.ver === 0
          ? { expression: 'attribute_not_exists(pk)' }
          : { expression: '#ver = :ver', names: { '#ver': 'ver' }, values: { ':ver': read.ver } },
      );
    },
  };
}

const graphFull = (bytes: number): OrchestratorError =>
  new OrchestratorError(
    'registry.graph-full',
    `The dependency graph would have ${bytes} bytes, and ${mostBytes} is the most: remove dependencies that are not needed`,
  );

function graphToContent({ edges, intents }: Pick<Graph, 'edges' | 'intents'>): Content {
  const names = numbered(namesOf(edges));
  const ranges = numbered(
    [...edges.values()].flatMap(({ services }) => services.map((one) => one.versionRange)),
  );
  const nodes = [...edges].map(([node, needs]): Content['nodes'][number] => [
    names.of(node),
    needs.services.map(({ service, versionRange, required, pending }) => [
      names.of(service),
      ranges.of(versionRange),
      (required ? 1 : 0) + (pending ? 2 : 0),
    ]),
    needs.workflows.map(names.of),
  ]);
  nodes.sort(([a], [b]) => a - b);
  return { names: names.texts, ranges: ranges.texts, nodes, intents: intents.map(intentToStored) };
}

const namesOf = (edges: AllEdges): string[] =>
  [...edges].flatMap(([node, { services, workflows }]) => [
    node,
    ...services.map(({ service }) => service),
    ...workflows,
  ]);

const intentToStored = ({ edges, ...intent }: Intent): Content['intents'][number] => ({
  ...intent,
  edges: { services: edges.services.map((one) => ({ ...one })), workflows: [...edges.workflows] },
});

/** Texts in their order, each once, and the number of each. */
function numbered(all: readonly string[]) {
  const texts = [...new Set(all)].sort();
  const numbers = new Map(texts.map((text, index) => [text, index]));
  return { texts, of: (text: string): number => numbers.get(text) ?? -1 };
}

function contentToGraph({ names, ranges, nodes, intents }: Content): Pick<Graph, 'edges' | 'intents'> {
  const textIn = (texts: readonly string[], index: number): string => {
    const text = texts[index];
    if (text === undefined)
      throw new Error(`the dependency graph names text ${index}, which it does not have`);
    return text;
  };
  const edges = nodes.map(([node, services, workflows]): [string, Edges] => [
    textIn(names, node),
    {
      services: services.map(([service, range, flags]) => ({
        service: textIn(names, service),
        versionRange: textIn(ranges, range),
        required: (flags & 1) > 0,
        pending: (flags & 2) > 0,
      })),
      workflows: workflows.map((name) => textIn(names, name)),
    },
  ]);
  return { edges: new Map(edges), intents };
}

/**
 * Keeps a mail graph in one JSON file. Changes run one after the other, and a change that is answered is in the
 * file: it is written beside it and renamed, so that a killed process leaves the old graph or the new one.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Change, emptyGraph, MailGraph } from './mail-graph.ts';

export interface GraphFile {
  /** The graph as the file has it. */
  current(): MailGraph;
  /** Applies a change once those before it are written. When writing fails, the graph stays as it was. */
  change<Answer>(make: (graph: MailGraph) => Change<Answer>): Promise<Answer>;
  /** Ends once the last change is written. */
  settled(): Promise<void>;
}

/** Throws when the file exists and holds something else: it is never overwritten. */
export async function openGraphFile(path: string): Promise<GraphFile> {
  let graph = await load(path);
  let last: Promise<unknown> = Promise.resolve();

  const apply = async <Answer>(make: (graph: MailGraph) => Change<Answer>): Promise<Answer> => {
    const { graph: next, answer } = make(graph);
    if (next !== graph) await save(path, next);
    graph = next;
    return answer;
  };

  return {
    current: () => graph,
    change: (make) => {
      const turn = last.then(() => apply(make));
      last = turn.catch(() => undefined);
      return turn;
    },
    settled: async () => {
      await last;
    },
  };
}

async function load(path: string): Promise<MailGraph> {
  const text = await readFile(path, 'utf8').catch(ignoreMissing);
  if (text === undefined) return emptyGraph;
  try {
    return MailGraph.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${path} does not hold a mail graph; move it away or set GRAPH_FILE`, { cause });
  }
}

async function save(path: string, graph: MailGraph): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}.tmp`;
  await writeFile(beside, JSON.stringify(graph));
  await rename(beside, path);
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GraphFile, openGraphFile } from '../../../examples/email/graph-file.ts';
import { addEmail, GraphEmail } from '../../../examples/email/mail-graph.ts';

describe('a graph file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'graph-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const addTo = (file: GraphFile, id: string) =>
    file.change((graph) =>
      addEmail(graph, {
        email: GraphEmail.parse({ id, from: { address: 'a@example.com' } }),
        classification: { category: 'personal', score: 1 },
      }),
    );

  it('is created with its folder by the first change, and read again by the next process', async () => {
    const path = join(folder, 'new', 'graph.json');
    await addTo(await openGraphFile(path), 'e1');
    const again = await openGraphFile(path);
    expect(again.current().nodes.map(({ id }) => id)).toEqual([
      'email:e1',
      'person:a@example.com',
      'thread:e1',
    ]);
  });

  it('writes every change that is made at the same time, and leaves no other file', async () => {
    const path = join(folder, 'graph.json');
    const file = await openGraphFile(path);
    const ids = Array.from({ length: 20 }, (_, index) => `e${index}`);
    const answers = await Promise.all([...ids, ...ids].map((id) => addTo(file, id)));
    expect(answers.filter(({ created }) => created)).toHaveLength(20);
    await file.settled();
    const written = JSON.parse(await readFile(path, 'utf8'));
    expect(written.nodes.filter(({ kind }: { kind: string }) => kind === 'email')).toHaveLength(20);
    expect(await readdir(folder)).toEqual(['graph.json']);
  });

  it('stays as it was when a change cannot be written, and goes on afterwards', async () => {
    const path = join(folder, 'taken');
    const file = await openGraphFile(path);
    await mkdir(path);
    await expect(addTo(file, 'e1')).rejects.toThrow();
    expect(file.current().nodes).toEqual([]);
    await rm(path, { recursive: true });
    expect(await addTo(file, 'e1')).toEqual({ node_id: 'email:e1', created: true });
  });

  it.each(['{"nodes":', '{"some":"thing else"}'])(
    'refuses to start over a file that holds %s',
    async (text) => {
      const path = join(folder, 'graph.json');
      await writeFile(path, text);
      await expect(openGraphFile(path)).rejects.toThrow('does not hold a mail graph');
      expect(await readFile(path, 'utf8')).toBe(text);
    },
  );
});

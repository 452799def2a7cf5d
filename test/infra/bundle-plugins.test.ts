/** What makes bundles start fast: one file at start, and of Node's modules only what is used. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { contentsOf } from '../../tools/bundle-contents.ts';
import { oneStart } from '../../tools/one-start.ts';
import { requiredBuiltins } from '../../tools/required-builtins.ts';

/** Three modules that are there at start; each late import needs another two of them. */
const sources = {
  'handler.ts': `
    import { a } from './a.ts'; import { b } from './b.ts'; import { c } from './c.ts';
    export const started = [a, b, c].join('');
    export const late = async () => [
      (await import('./one.ts')).one, (await import('./two.ts')).two, (await import('./data.json')).default.three,
    ];`,
  'a.ts': `export const a = 'a';`,
  'b.ts': `export const b = 'b';`,
  'c.ts': `export const c = 'c';`,
  'one.ts': `import { a } from './a.ts'; import { b } from './b.ts'; export const one = a + b;`,
  'two.ts': `import { b } from './b.ts'; import { c } from './c.ts'; export const two = b + c;`,
  'data.json': `{ "three": 3 }`,
};

async function bundled(files: Readonly<Record<string, string>>, plugins: (handler: string) => Plugin[]) {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-bundled-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const handler = join(folder, 'handler.ts');
  const outdir = join(folder, 'out');
  const { metafile } = await build({
    entryPoints: { handler },
    outdir,
    plugins: plugins(handler),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    metafile: true,
  });
  const texts = await Promise.all(Object.keys(metafile.outputs).map((file) => readFile(file, 'utf8')));
  return {
    startFiles: contentsOf(metafile.outputs).startFiles,
    text: texts.join('\n'),
    handler: await import(pathToFileURL(join(outdir, 'handler.mjs')).href),
  };
}

const Started = z.object({ started: z.literal('abc'), late: z.custom<() => Promise<unknown>>() });

it('keeps what is there at start in one file, whatever the late imports share of it', async () => {
  const alone = await bundled(sources, () => []);
  expect(alone.startFiles).toBeGreaterThan(3);
  const together = await bundled(sources, (handler) => [oneStart(handler)]);
  expect(together.startFiles).toBe(2);
  for (const { handler } of [alone, together])
    expect(await Started.parse(handler).late()).toEqual(['ab', 'bc', 3]);
});

it("reads of Node's modules the names that are used, by themselves and of a whole module", async () => {
  const { text, handler } = await bundled(
    {
      'handler.ts': `
        import { join as joined } from 'node:path';
        import os from 'node:os';
        const { basename } = require('path');
        export const seen = [joined('a', 'b'), os.EOL, basename('a/b')];
        export const late = async () => (await import('node:util')).format('%s', 'c');`,
    },
    () => [requiredBuiltins],
  );
  const Seen = z.object({ seen: z.unknown(), late: z.custom<() => Promise<unknown>>() });
  const { seen, late } = Seen.parse(handler);
  expect(seen).toEqual(['a/b', '\n', 'b']);
  expect(await late()).toBe('c');
  expect(text).toMatch(/\.join\b/);
  expect(text).not.toMatch(/\.relative\b|\bimport .* from "(node:)?(path|os)"/);
});

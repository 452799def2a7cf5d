/** What the bundles are made without: the rest of a package works, and what is missing says so. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { leftOut } from '../../tools/left-out.ts';

const contents = `
  import * as z from 'zod';
  import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv-provider.js';
  const schema = z.object({ a: z.string() });
  const messageOf = (act) => { try { act(); return 'none'; } catch ({ message }) { return message; } };
  export const seen = {
    parsed: schema.parse({ a: 'b' }),
    vendor: schema['~standard'].vendor,
    asJsonSchema: messageOf(() => z.toJSONSchema(schema)),
    validator: messageOf(() => new AjvJsonSchemaValidator()),
  };`;

it('leaves a package as it is, without the modules that no function uses', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-left-out-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const outfile = join(folder, 'bundle.mjs');
  const stdin = { contents, resolveDir: process.cwd() };
  await build({ stdin, outfile, bundle: true, format: 'esm', platform: 'node', plugins: [leftOut] });
  const { seen } = z.object({ seen: z.unknown() }).parse(await import(pathToFileURL(outfile).href));
  expect(seen).toEqual({
    parsed: { a: 'b' },
    vendor: 'zod',
    asJsonSchema: 'zod/v4/core/json-schema-processors.js was left out of the bundle (tools/left-out.ts)',
    validator:
      '@modelcontextprotocol/sdk/dist/esm/validation/ajv-provider.js was left out of the bundle (tools/left-out.ts)',
  });
});

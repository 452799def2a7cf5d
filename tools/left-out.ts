/**
 * An esbuild plugin that leaves out modules of packages that no function uses, where esbuild cannot see that they are
 * unused. Each keeps the names of its exports; whoever calls one is told that it was left out.
 */
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';
import * as z from 'zod';

interface Part {
  /** The import of the module. */
  readonly filter: RegExp;
  /** Exports that are called before it is known whether what they return is ever needed. */
  readonly called?: readonly string[];
}

const parts: readonly Part[] = [
  // The MCP SDK's server checks with ajv what a client answers to its questions; ours asks none.
  { filter: /\/validation\/ajv-provider\.js$/ },
  // DynamoDB and Step Functions have no operation that streams events.
  { filter: /^@smithy\/core\/event-streams$/ },
  // `npm run generate` alone makes JSON Schemas of those of zod, which offers it with each (`~standard`).
  { filter: /\/json-schema-processors\.js$/ },
  { filter: /\/to-json-schema\.js$/, called: ['createStandardJSONSchemaMethod'] },
];

const Left = z.object({ names: z.array(z.string()), called: z.array(z.string()) });

export const leftOut: Plugin = {
  name: 'left-out',
  setup({ onResolve, onLoad, resolve }) {
    const namespace = 'left-out';
    for (const { filter, called = [] } of parts)
      onResolve({ filter }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (pluginData === namespace) return undefined;
        const found = await resolve(path, { importer, resolveDir, kind, pluginData: namespace });
        if (found.errors.length > 0) return { errors: found.errors };
        const names = Object.keys(await import(pathToFileURL(found.path).href));
        return { path: found.path, namespace, pluginData: { names, called }, sideEffects: false };
      });
    onLoad({ filter: /.*/, namespace }, ({ path, pluginData }) => {
      const { names, called } = Left.parse(pluginData);
      const module = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      const exported = names.map(
        (name) => `export const ${name} = ${called.includes(name) ? '() => leftOut' : 'leftOut'};`,
      );
      return {
        contents: `function leftOut() { throw new Error(${JSON.stringify(`${module} was left out of the bundle (tools/left-out.ts)`)}); }
          ${exported.join('\n')}`,
      };
    });
  },
};

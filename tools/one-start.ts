/**
 * An esbuild plugin that keeps what a function loads at start in one file. By itself esbuild makes a file of every set
 * of modules that the same late imports share, some hundred bytes each, and every file costs a start a third of a
 * millisecond. Here each late import of ours imports all that is loaded at start too, which is there by then anyway:
 * so all late imports share it, and it is one file.
 */
import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';

/** Packages load late what others have too; but what tells spans shares parts with our start. */
const ofOthers = /\/node_modules\/(?!@opentelemetry\/)/;

export const oneStart = (handler: string): Plugin => ({
  name: 'one-start',
  setup({ onResolve, onLoad, resolve }) {
    const namespace = 'late';
    onResolve(
      { filter: /^\./ },
      async ({ path, importer, resolveDir, kind, pluginData, with: attributes }) => {
        if (kind !== 'dynamic-import' || pluginData === namespace || ofOthers.test(importer))
          return undefined;
        const found = await resolve(path, {
          importer,
          resolveDir,
          kind,
          pluginData: namespace,
          with: attributes,
        });
        return found.errors.length > 0 ? { errors: found.errors } : { path: found.path, namespace };
      },
    );
    onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: [
        `import ${JSON.stringify(handler)};`,
        `export * from ${JSON.stringify(path)};`,
        ...(path.endsWith('.json') ? [`export { default } from ${JSON.stringify(path)};`] : []),
      ].join('\n'),
      resolveDir: dirname(path),
    }));
  },
});

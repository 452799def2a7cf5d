/**
 * An esbuild plugin by which a bundle asks for Node's own modules when it runs, not by `import`: an import makes
 * every export of the module, and some of them load a lot. On Node 22 `node:http` alone then loads undici for
 * `WebSocket`, and others HTTP/2 and web streams: 13 ms of CPU for what no function here uses.
 */
import { builtinModules } from 'node:module';
import type { Plugin } from 'esbuild';

const namespace = 'builtin';
/** What is imported late is another module than what is not: as one, the two would be a file of their own. */
const late = '?late';

export const requiredBuiltins: Plugin = {
  name: 'required-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?[a-z_0-9]+(\/[a-z]+)?$/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, '');
      if (!builtinModules.includes(name)) return undefined;
      return { path: kind === 'dynamic-import' ? name + late : name, namespace };
    });
    onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path.replace(late, ''))});`,
    }));
  },
};

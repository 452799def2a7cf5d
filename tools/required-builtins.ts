/**
 * An esbuild plugin by which a bundle asks for Node's own modules when it runs, not by `import`: an import makes
 * every export of the module, and some of them load a lot. On Node 22 `node:http` alone then loads undici for
 * `WebSocket`, and others HTTP/2 and web streams: 13 ms of CPU for what no function here uses. Of what is imported by
 * name no more is read than these names.
 */
import { builtinModules } from 'node:module';
import type { Plugin } from 'esbuild';

/** For `import`, and for `require` and `import()`. */
const byName = 'builtin-by-name';
const whole = 'builtin';
/** What is imported late is another module than what is not: as one, the two would be a file of their own. */
const late = '?late';

const moduleOf = (path: string): string => `process.getBuiltinModule(${JSON.stringify(path)})`;

export const requiredBuiltins: Plugin = {
  name: 'required-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?[a-z_0-9]+(\/[a-z]+)?$/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, '');
      if (!builtinModules.includes(name)) return undefined;
      if (kind === 'import-statement') return { path: name, namespace: byName, sideEffects: false };
      return { path: kind === 'dynamic-import' ? name + late : name, namespace: whole };
    });
    onLoad({ filter: /.*/, namespace: whole }, ({ path }) => ({
      contents: `module.exports = ${moduleOf(path.replace(late, ''))};`,
    }));
    onLoad({ filter: /.*/, namespace: byName }, ({ path }) => ({
      contents: [
        `const whole = ${moduleOf(path)};`,
        'export default whole;',
        ...Object.keys(process.getBuiltinModule(path) ?? {}).map(
          (name, at) =>
            `const _${at} = /* @__PURE__ */ (() => whole.${name})(); export { _${at} as ${name} };`,
        ),
      ].join('\n'),
    }));
  },
};

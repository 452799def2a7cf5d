/**
 * An esbuild plugin by which a bundle asks for Node's own modules when it runs, not by `import`: an import makes
 * every export of the module, and some of them load a lot. On Node 22 `node:http` alone then loads undici for
 * `WebSocket`, and others HTTP/2 and web streams: 13 ms of CPU for what no function here uses. Of what is imported by
 * name no more is read than these names; of what is imported late, where they cannot be known, all that loads nothing.
 */
import { builtinModules } from 'node:module';
import type { Plugin } from 'esbuild';

const namespaces = {
  'import-statement': 'builtin-by-name',
  'dynamic-import': 'builtin-late',
  'require-call': 'builtin',
} as const;

const isKnown = (kind: string): kind is keyof typeof namespaces => Object.hasOwn(namespaces, kind);

const moduleOf = (name: string): string => `process.getBuiltinModule(${JSON.stringify(name)})`;

const propertiesOf = (name: string) =>
  Object.entries(Object.getOwnPropertyDescriptors(process.getBuiltinModule(name) ?? {})).filter(
    ([, { enumerable }]) => enumerable,
  );

/** Exports that esbuild leaves out where nobody uses them. */
const byName = (name: string): string[] =>
  propertiesOf(name).map(
    ([property], at) =>
      `const _${at} = /* @__PURE__ */ (() => whole.${property})(); export { _${at} as ${property} };`,
  );

/** What has a getter is made when it is read. */
const withoutGetters = (name: string): string[] =>
  propertiesOf(name)
    .filter(([, { get }]) => get === undefined)
    .map(([property], at) => `const _${at} = whole.${property}; export { _${at} as ${property} };`);

const moduleWith = (name: string, exported: readonly string[]): string =>
  [`const whole = ${moduleOf(name)};`, 'export default whole;', ...exported].join('\n');

export const requiredBuiltins: Plugin = {
  name: 'required-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?[a-z_0-9]+(\/[a-z]+)?$/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, '');
      if (!builtinModules.includes(name) || !isKnown(kind)) return undefined;
      return { path: name, namespace: namespaces[kind], sideEffects: false };
    });
    onLoad({ filter: /.*/, namespace: namespaces['require-call'] }, ({ path }) => ({
      contents: `module.exports = ${moduleOf(path)};`,
    }));
    onLoad({ filter: /.*/, namespace: namespaces['import-statement'] }, ({ path }) => ({
      contents: moduleWith(path, byName(path)),
    }));
    onLoad({ filter: /.*/, namespace: namespaces['dynamic-import'] }, ({ path }) => ({
      contents: moduleWith(path, withoutGetters(path)),
    }));
  },
};

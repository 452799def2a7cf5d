/**
 * An esbuild plugin that leaves of the AWS SDK's credential chain what a Lambda function has: credentials in its
 * environment. The other sources (profiles, SSO, web identity, processes, containers) would be a quarter of a
 * bundle, and twice as many files.
 */
import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';

const chain = '@aws-sdk/credential-provider-node';

export const lambdaCredentials: Plugin = {
  name: 'lambda-credentials',
  setup({ onResolve, onLoad, resolve }) {
    onResolve(
      { filter: new RegExp(`^${chain}$`) },
      async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (pluginData === chain) return undefined;
        const found = await resolve(path, { importer, resolveDir, kind, pluginData: chain });
        return { path: found.path, namespace: chain, errors: found.errors };
      },
    );
    onLoad({ filter: /.*/, namespace: chain }, ({ path }) => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
      resolveDir: dirname(path),
    }));
  },
};

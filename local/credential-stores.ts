/** Where credentials of services are kept on one machine: the environment with `.env`, and files. */
import { readFile } from 'node:fs/promises';
import type { CredentialSources } from '../src/transport/credentials/credential-values.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Neither is kept: a file that is written anew is read anew. */
export const createLocalStores = (environment: () => Environment): CredentialSources => ({
  async env(name) {
    const value = environment()[name];
    if (value === undefined || value === '') throw new Error('not set');
    return value;
  },
  file: (path) => readFile(path, 'utf8'),
});

import { describe, expect, it } from 'vitest';
import { OrchestratorError } from '../../../src/base/errors.ts';
import { parseManifest } from '../../../src/manifest/model/manifest.ts';

const manifest = (url: string) => ({ services: { gmail: { transport: 'mcp', url } } });

/** A reference to a variable, as a manifest writes it. */
const variable = (inner: string): string => `$\{${inner}}`;

function faultsIn(document: unknown): readonly { path: string; message: string }[] {
  try {
    parseManifest(document, {});
  } catch (error) {
    if (error instanceof OrchestratorError) return error.errors;
  }
  throw new Error('it was not refused');
}

describe('a manifest', () => {
  it.each([
    ['a set variable', { URL_OF: 'http://set' }, 'http://set'],
    ['the default for one that is not set', {}, 'http://default'],
    ['the default for an empty one', { URL_OF: '' }, 'http://default'],
  ])('takes %s', (_name, env, url) => {
    expect(parseManifest(manifest(variable('URL_OF:-http://default')), env).services).toEqual([
      { name: 'gmail', version: '0.0.0', transport: 'mcp', url, dependencies: [], tags: [], labels: {} },
    ]);
  });

  it('names the place of a variable that is not set and has no default', () => {
    expect(faultsIn(manifest(`http://${variable('NOT_SET')}/`))).toContainEqual({
      path: 'services.gmail.url',
      message: 'needs the environment variable NOT_SET, which is not set',
    });
  });

  it('names every fault with its path', () => {
    const document = { services: { gmail: { transport: 'soap', url: 'ftp://x' } }, workflow: [] };
    expect(faultsIn(document).map(({ path }) => path)).toEqual([
      'services.gmail.transport',
      'services.gmail.url',
      'workflow',
    ]);
  });
});

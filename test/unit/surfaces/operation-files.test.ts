/** Whoever looks for an operation opens the file that is named as it is. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { operations } from '../../../src/surfaces/operations.ts';

const source = join(import.meta.dirname, '../../../src');

/** Contexts lie beside the operations; everything else in these folders is one. */
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /\/operations\/[^/]+\.ts$/.test(path) && basename(path) !== 'context.ts');

const readme = readFileSync(join(source, '../README.md'), 'utf8');

const fileOf = (id: string) => `${id.replaceAll('_', '-')}.ts`;

describe.each([...operations])('the operation %s', (id, load) => {
  const named = files.filter((path) => basename(path) === fileOf(id));

  it('lies in one file, named as it is, in the operations/ of its capability', () => {
    expect(named).toHaveLength(1);
  });

  it('stands in the table of the README', () => {
    expect(readme).toMatch(new RegExp(`^\\| .*\`${id}\`.* \\|$`, 'm'));
  });

  it('is the only one that this file defines, and the one that the table loads', async () => {
    const text = readFileSync(join(source, named[0] ?? ''), 'utf8');
    const exported = [...text.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name]) => name);
    expect(exported).toEqual([id.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())]);
    expect((await load()).id).toBe(id);
  });
});

it('no file of an operations/ folder is left that is no operation of the table', () => {
  expect(files.map((path) => basename(path)).sort()).toEqual([...operations.keys()].map(fileOf).sort());
});

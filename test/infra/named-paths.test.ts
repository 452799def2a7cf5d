/** A path in a document leads somewhere. The changelog is left out: it tells of what there was. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const here = (path: string): boolean => existsSync(join(root, path));
const entries = (folder: string): string[] => readdirSync(join(root, folder));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const markdownIn = (folder: string) =>
  entries(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'local/step-functions/README.md',
  ...markdownIn('docs'),
  ...markdownIn('docs/adr'),
];

const folders = ['src', 'lambdas', 'lib', 'local', 'bin', 'config', 'docs', 'examples', 'test', 'tools'];
const capabilities = entries('src');
const sources = new Set(
  folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => basename(path)),
  ),
);

/** `tools/` is a folder of ours, and `tools/list` a method of MCP. */
const methodOfMcp = /^(tools|resources|prompts)\/(list|call|read|get)$/;

/** Words that begin with one of our folders, in text and in code; what follows a placeholder is not held. */
const fromRoot = (text: string): string[] =>
  [...text.matchAll(new RegExp(`(?<![\\w/.@-])(?:${folders.join('|')})/[\\w./-]*`, 'g'))]
    .map(([path], at, all) => cutAtPlaceholder(path, text.charAt((all[at]?.index ?? 0) + path.length)))
    .map((path) => path.replace(/[.-]$/, ''))
    .filter((path) => !methodOfMcp.test(path));

const cutAtPlaceholder = (path: string, next: string): string =>
  /[<*{]/.test(next) ? path.slice(0, path.lastIndexOf('/') + 1) : path;

/** `registry/tools/` in backticks lies in src/; a file without a folder lies anywhere. */
const fromSource = (text: string): string[] =>
  [...text.matchAll(/`([\w.-]+(?:\/[\w.-]+)*\/?)`/g)]
    .map(([, span = '']) => span)
    .filter((span) => /(\.ts|\/)$/.test(span) && capabilities.includes(span.split('/')[0] ?? ''));

const bareFiles = (text: string): string[] =>
  [...text.matchAll(/`([\w.-]+\.ts)`/g)].map(([, name = '']) => name);

const links = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)#\s]+)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

describe.each(documents)('%s', (document) => {
  const text = read(document);

  it('names only paths of this repository that exist', () => {
    const lost = [
      ...fromRoot(text).filter((path) => !here(path)),
      ...fromSource(text).filter((path) => !here(`src/${path}`)),
      ...bareFiles(text).filter((name) => !sources.has(name)),
      ...links(text).filter((target) => !here(join(dirname(document), target))),
    ];
    expect(lost).toEqual([]);
  });
});

it('the tree in docs/architecture.md has every folder of src/, and no other', () => {
  const tree = /^src\/\n((?: {2}\S.*\n)+)/m.exec(read('docs/architecture.md'))?.[1] ?? '';
  const drawn = [...tree.matchAll(/^ {2}([\w-]+)\//gm)].map(([, name]) => name);
  expect(drawn.toSorted()).toEqual(capabilities.toSorted());
});

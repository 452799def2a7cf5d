/**
 * Which files of the folder an image is built from, by .dockerignore: the last pattern that matches a path or a
 * folder above it decides; `!` brings back. (Docker: .dockerignore file.)
 */
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

export function createIgnore(text: string): (path: string) => boolean {
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ back: line.startsWith('!'), pattern: patternOf(line.replace(/^!/, '')) }));
  return (path) => {
    const last = rules.findLast(({ pattern }) => pathAndAbove(path).some((part) => pattern.test(part)));
    return last !== undefined && !last.back;
  };
}

/** The files that are sent to the builder, as paths from the folder, sorted. */
export async function buildContext(folder: string, ignoreText: string): Promise<string[]> {
  const ignored = createIgnore(ignoreText);
  const skipped = new Set(['node_modules', '.git', 'cdk.out', 'dist', 'coverage']);
  const found: string[] = [];
  const walk = async (at: string): Promise<void> => {
    for (const entry of await readdir(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      const inside = relative(folder, path);
      // Large and never sent; that they are ignored is checked, so that leaving them out hides nothing.
      if (skipped.has(inside)) {
        if (!ignored(`${inside}/x`)) throw new Error(`${inside} would go into the image`);
      } else if (entry.isDirectory()) await walk(path);
      else if (!ignored(inside)) found.push(inside);
    }
  };
  await walk(folder);
  return found.sort();
}

function patternOf(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('**/', '\u0000')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
    .replaceAll('\u0000', '(?:.*/)?');
  return new RegExp(`^${source}$`);
}

function pathAndAbove(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
}

/** A program of a guide, run as it stands there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface DocumentedProgram {
  /** What it has written. */
  readonly output: () => string;
  stop(): Promise<void>;
}

/** The first block of JavaScript under this heading of a guide in docs/. */
async function programIn(guide: string, heading: string): Promise<string> {
  const text = await readFile(new URL(`../../docs/${guide}`, import.meta.url), 'utf8');
  const [, rest = ''] = text.split(`\n${heading}\n`);
  return /```js\n([\s\S]*?)```/.exec(rest)?.[1] ?? '';
}

export async function startDocumentedProgram(
  { guide, heading }: { readonly guide: string; readonly heading: string },
  env: Readonly<Record<string, string>>,
): Promise<DocumentedProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-documented-'));
  const file = join(folder, 'program.mjs');
  await writeFile(file, await programIn(guide, heading));
  const child = spawn(process.execPath, [file], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  return {
    output: () => output,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

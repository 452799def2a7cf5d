/**
 * A program called npm that does nothing but write down how it was called, for the head of PATH. It writes the
 * outputs of a deployment when it is asked to, and fails at the command that contains a given word.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

const Call = z.object({ args: z.array(z.string()), env: z.record(z.string(), z.string()) });
export type Call = z.infer<typeof Call>;

export interface FakeNpm {
  /** The folder that holds it. */
  readonly folder: string;
  calls(): Promise<Call[]>;
}

export interface FakeNpmOptions {
  readonly outputs?: Record<string, Record<string, string>>;
  readonly failAt?: { readonly word: string; readonly code: number };
}

export async function installFakeNpm(
  folder: string,
  { outputs = {}, failAt }: FakeNpmOptions = {},
): Promise<FakeNpm> {
  const calls = join(folder, 'calls');
  const program = `const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs');
const { dirname } = require('node:path');
const args = process.argv.slice(2);
appendFileSync(${JSON.stringify(calls)}, JSON.stringify({ args, env: process.env }) + '\\n');
const failAt = ${JSON.stringify(failAt ?? null)};
if (failAt && args.includes(failAt.word)) process.exit(failAt.code);
const at = args.indexOf('--outputs-file');
if (at !== -1) {
  mkdirSync(dirname(args[at + 1]), { recursive: true });
  writeFileSync(args[at + 1], ${JSON.stringify(JSON.stringify(outputs))});
}
`;
  await writeFile(calls, '');
  await writeFile(join(folder, 'npm.cjs'), program);
  const start = `#!/bin/sh\nexec '${process.execPath}' '${join(folder, 'npm.cjs')}' "$@"\n`;
  await writeFile(join(folder, 'npm'), start, { mode: 0o755 });
  return {
    folder,
    calls: async () => {
      const lines = (await readFile(calls, 'utf8')).trim().split('\n');
      return lines.filter((line) => line !== '').map((line) => Call.parse(JSON.parse(line)));
    },
  };
}

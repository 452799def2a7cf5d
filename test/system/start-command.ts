/**
 * The system as a process, in a folder of its own so that nobody's settings take part. On its own, or as `npm start`
 * starts it, with the parent that starts it again.
 */
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const alone = [
  '--import',
  import.meta.resolve('tsx'),
  fileURLToPath(new URL('../../bin/local.ts', import.meta.url)),
];
const withParent = [fileURLToPath(new URL('../../bin/start.mjs', import.meta.url))];

const Endpoints = z.object({ api: z.url(), mcp: z.url(), stepFunctions: z.url().optional() });

type Child = ChildProcessByStdio<null, Readable, Readable>;

export class StartCommand {
  readonly folder: string;
  readonly #running: ChildProcess[] = [];

  readonly #command: readonly string[];

  private constructor(folder: string, command: readonly string[]) {
    this.folder = folder;
    this.#command = command;
  }

  static async prepare(command: 'alone' | 'with-parent' = 'alone'): Promise<StartCommand> {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-start-'));
    await writeFile(join(folder, 'empty.yaml'), 'services: {}\nworkflows: []\n');
    return new StartCommand(folder, command === 'alone' ? alone : withParent);
  }

  /** The data folder, and what is in it. */
  data(...names: string[]): string {
    return join(this.folder, 'data', ...names);
  }

  launch(env: Record<string, string> = {}, args: readonly string[] = []): Child {
    const child = spawn(process.execPath, [...this.#command, ...args], {
      detached: this.#command === withParent,
      cwd: this.folder,
      env: {
        ...process.env,
        PORT: '0',
        ORCHESTRATOR_DATA_DIR: this.data(),
        ORCHESTRATOR_MANIFEST: join(this.folder, 'empty.yaml'),
        EXAMPLE_SERVICES: 'off',
        LOG_OUTPUT: `file:${join(this.folder, 'log')}`,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running.push(child);
    return child;
  }

  async started(env: Record<string, string> = {}) {
    const child = this.launch(env);
    let complaints = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints += text;
    });
    const [said] = await once(child.stdout.setEncoding('utf8'), 'data', {
      signal: AbortSignal.timeout(30_000),
    });
    const endpoints = await this.endpoints();
    return { child, endpoints, said: z.string().parse(said), complaints: () => complaints };
  }

  async endpoints() {
    return Endpoints.parse(JSON.parse(await readFile(this.data('endpoints.json'), 'utf8')));
  }

  /** Everything it says until it ends by itself. */
  async run(env: Record<string, string>, args: readonly string[] = []) {
    const child = this.launch(env, args);
    let said = '';
    let complaints = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints += text;
    });
    return { code: await ended(child), said, complaints };
  }

  async close(): Promise<void> {
    for (const child of this.#running)
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

export async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null)
    await once(child, 'exit', { signal: AbortSignal.timeout(20_000) });
  return child.exitCode;
}

/**
 * Builds a Dockerfile without a container engine: each stage is a folder, RUN is run there and COPY copies, from
 * what .dockerignore lets in. What this cannot show is the base image itself.
 */
import { execFile } from 'node:child_process';
import { chmod, chown, cp, lstat, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { execForm, type Instruction, parseDockerfile, type Stage } from './dockerfile.ts';
import { buildContext } from './ignore-file.ts';

export interface Image {
  /** The folder that stands for `/`. */
  readonly root: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  /** As written, such as `1000:1000`. */
  readonly user: string;
  readonly exposed: readonly string[];
  readonly healthCheck: readonly string[];
  readonly command: readonly string[];
}

interface Building extends Image {
  readonly stages: ReadonlyMap<string, Building>;
  readonly context: { readonly folder: string; readonly files: readonly string[] };
}

const asRoot = process.getuid?.() === 0;

/** Builds the last stage. Throws with the step that failed and what it said. */
export async function buildImage(folder: string, into: string): Promise<Image> {
  const files = await buildContext(folder, await readFile(join(folder, '.dockerignore'), 'utf8'));
  const stages = new Map<string, Building>();
  let last: Building | undefined;
  for (const stage of parseDockerfile(await readFile(join(folder, 'Dockerfile'), 'utf8'))) {
    const root = join(into, stage.name);
    await mkdir(root);
    const empty = { workdir: '/', env: {}, user: '', exposed: [], healthCheck: [], command: [] };
    last = await buildStage(stage, { ...empty, root, stages, context: { folder, files } });
    stages.set(stage.name, last);
  }
  if (!last) throw new Error('The Dockerfile has no stage');
  if (!asRoot) await withoutWriting(last.root);
  return last;
}

async function buildStage(stage: Stage, from: Building): Promise<Building> {
  let image = from;
  for (const instruction of stage.instructions) {
    try {
      image = { ...image, ...(await steps[instruction.keyword]?.(image, instruction)) };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`${instruction.keyword} ${instruction.rest} failed: ${why}`, { cause: error });
    }
  }
  return image;
}

type Step = (image: Building, instruction: Instruction) => Promise<Partial<Building> | undefined>;

const steps: Readonly<Record<string, Step>> = {
  WORKDIR: async (image, { rest }) => {
    await mkdir(inside(image, rest), { recursive: true });
    return { workdir: rest };
  },
  ENV: async ({ env }, { rest }) => {
    const pairs = rest.split(/\s+/).map((pair) => pair.split('=', 2));
    return { env: { ...env, ...Object.fromEntries(pairs) } };
  },
  USER: async (_image, { rest }) => ({ user: rest }),
  EXPOSE: async ({ exposed }, { rest }) => ({ exposed: [...exposed, rest] }),
  HEALTHCHECK: async (_image, { rest }) => ({ healthCheck: commandOf(rest.replace(/^CMD\s+/, '')) }),
  CMD: async (_image, { rest }) => ({ command: commandOf(rest) }),
  RUN: runStep,
  COPY: copyStep,
};

function commandOf(rest: string): string[] {
  const command = execForm(rest);
  if (!command) throw new Error('a shell would stand between the engine and the process: write a JSON array');
  return command;
}

async function runStep(image: Building, { rest, flags }: Instruction): Promise<undefined> {
  if (Object.keys(flags).length > 0) throw new Error('flags of RUN are not known here');
  const npm = Object.entries(process.env).filter(([name]) => /^npm_(lifecycle|package|command)/.test(name));
  const env = { ...process.env, ...Object.fromEntries(npm.map(([name]) => [name, undefined])), ...image.env };
  await promisify(execFile)('/bin/sh', ['-c', rest], {
    cwd: inside(image, image.workdir),
    env: { ...env, INIT_CWD: undefined, npm_config_prefer_offline: 'true' },
    timeout: 120_000,
    maxBuffer: 10_000_000,
  });
}

async function copyStep(image: Building, { rest, flags }: Instruction): Promise<undefined> {
  const { from, chown: owner, ...unknown } = flags;
  if (Object.keys(unknown).length > 0) throw new Error(`flags that are not known: ${Object.keys(unknown)}`);
  const paths = rest.split(/\s+/);
  const target = inside(image, paths.at(-1) ?? '');
  const many = paths.length > 2 || rest.endsWith('/');
  for (const source of paths.slice(0, -1)) {
    const copied = from ? await fromStage(image, from, source) : await fromContext(image, source);
    if (copied.every(({ path }) => path !== '')) await makeFolder(target, owner);
    for (const { file, path } of copied) {
      const to = many && path === '' ? join(target, source) : join(target, path);
      await mkdir(dirname(to), { recursive: true });
      await cp(file, to, { recursive: true, verbatimSymlinks: true });
      if (owner) await giveTo(owner, to);
    }
  }
}

/** The folder that a folder is copied to, of its owner when it is new. */
async function makeFolder(target: string, owner: string | undefined): Promise<void> {
  const made = await mkdir(target, { recursive: true });
  if (made && owner) await giveTo(owner, target);
}

/** What a source is: one file, or the content of a folder with the paths in it. */
type Copied = { file: string; path: string }[];

async function fromStage({ stages }: Building, name: string, source: string): Promise<Copied> {
  const stage = stages.get(name);
  if (!stage) throw new Error(`there is no stage ${name}`);
  const folder = inside(stage, source);
  return (await readdir(folder)).map((entry) => ({ file: join(folder, entry), path: entry }));
}

async function fromContext({ context }: Building, source: string): Promise<Copied> {
  const { folder, files } = context;
  if (files.includes(source)) return [{ file: join(folder, source), path: '' }];
  const found = files.filter((file) => file.startsWith(`${source}/`));
  if (found.length === 0) throw new Error(`${source} is not there, or .dockerignore leaves it out`);
  return found.map((file) => ({ file: join(folder, file), path: file.slice(source.length + 1) }));
}

const inside = ({ root, workdir }: Image, path: string): string =>
  path.startsWith('/') ? join(root, path) : join(root, workdir, path);

/** Without root nobody else can be given anything: then the one who runs the test stands for the user. */
async function giveTo(owner: string, path: string): Promise<void> {
  const [uid = 0, gid = 0] = owner.split(':').map(Number);
  if (asRoot) await chown(path, uid, gid);
}

/** Nothing of the image may be written, as on a read-only root. (For root, the owner of the files is enough.) */
async function withoutWriting(path: string): Promise<void> {
  const about = await lstat(path);
  if (about.isSymbolicLink()) return;
  if (about.isDirectory()) for (const entry of await readdir(path)) await withoutWriting(join(path, entry));
  await chmod(path, about.mode & ~0o222);
}

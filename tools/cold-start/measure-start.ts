/** One cold start in a fresh process: what the child says of it. */
import { execFile } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';

export interface Start {
  /** The bundle's handler. */
  readonly handlerFile: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly event: unknown;
  /** Flags of Node itself, such as `--cpu-prof`. */
  readonly nodeFlags: readonly string[];
}

/** Times of one start in milliseconds; those of the CPU over all threads, Node's own boot apart from the rest. */
const MeasuredStart = z.object({
  answer: z.unknown(),
  bootCpuMs: z.number(),
  importMs: z.number(),
  importCpuMs: z.number(),
  cpuMs: z.number(),
});
export type MeasuredStart = z.infer<typeof MeasuredStart>;

/** The CPU of Node's own boot on the machine that the bounds are of. */
const referenceBootMs = 22;

/**
 * The start as it would have been on that machine: another one, or one that is busy, slows Node's boot down as much as
 * what comes after it.
 */
export function onReference(start: MeasuredStart): MeasuredStart {
  const share = referenceBootMs / start.bootCpuMs;
  return {
    ...start,
    bootCpuMs: referenceBootMs,
    importMs: start.importMs * share,
    importCpuMs: start.importCpuMs * share,
    cpuMs: start.cpuMs * share,
  };
}

const boundMs = 30_000;
const child = fileURLToPath(new URL('child.mjs', import.meta.url));

/** Rejects when the process fails, or does not answer within 30 seconds. */
export async function measureStart(start: Start): Promise<MeasuredStart> {
  const { handlerFile, environment, event, nodeFlags } = start;
  const args = [...nodeFlags, child, pathToFileURL(handlerFile).href, JSON.stringify(event)];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: environment,
    timeout: boundMs,
  });
  return MeasuredStart.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}

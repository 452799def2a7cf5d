/**
 * How long the benchmark measures. `BENCH_SECONDS` scales every measurement (default 5 seconds each, the whole
 * run under three minutes); `BENCH_CPU_PROFILE=FOLDER` leaves CPU profiles of the orchestrator and
 * of the engine processes there.
 */
import * as z from 'zod';
import { readConfig } from '../../src/runtime/read-config.ts';

const Settings = z.object({
  BENCH_SECONDS: z.coerce.number().positive().max(600).default(5),
  BENCH_CPU_PROFILE: z.string().min(1).optional(),
});

const { BENCH_SECONDS, BENCH_CPU_PROFILE } = readConfig(Settings, process.env);

export const secondsEach = BENCH_SECONDS;
export const profileFolder = BENCH_CPU_PROFILE;
export const clientCounts: readonly number[] = [1, 16, 64];
export const serviceDelaysMs: readonly number[] = [0, 10];
/** Each of the three steps calls the tool of this name with the item that the execution was started with. */
export const tool = 'echo';
export const workflowFor = (delayMs: number): string => `three-steps-${delayMs}`;
export const serviceFor = (delayMs: number): string => `peer-${delayMs}`;

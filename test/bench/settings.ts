/**
 * How long the benchmark measures, and what. `BENCH_SECONDS` scales every measurement (default 5 seconds each, the
 * whole run about a quarter of an hour); `BENCH_PEERS` says whether other systems are installed and measured too (default
 * on, off in a shorter run); `BENCH_CPU_PROFILE=FOLDER` leaves CPU profiles of the orchestrator and of the engine
 * processes there.
 */
import * as z from 'zod';
import { readConfig } from '../../src/runtime/read-config.ts';

const fullLength = 5;

const Settings = z.object({
  BENCH_SECONDS: z.coerce.number().positive().max(600).default(fullLength),
  BENCH_PEERS: z.enum(['on', 'off']).optional(),
  BENCH_CPU_PROFILE: z.string().min(1).optional(),
});

const { BENCH_SECONDS, BENCH_PEERS, BENCH_CPU_PROFILE } = readConfig(Settings, process.env);

export const secondsEach = BENCH_SECONDS;
export const measuresPeers = (BENCH_PEERS ?? (BENCH_SECONDS < fullLength ? 'off' : 'on')) === 'on';
export const profileFolder = BENCH_CPU_PROFILE;
/** Connections to the API. */
export const clientCounts: readonly number[] = [1, 16, 64];
/** Clients that run workflows. */
export const comparedClients: readonly number[] = [1, 16];
export const serviceDelaysMs: readonly number[] = [0, 10];
/** Each of the three steps calls the tool of this name with the item that the execution was started with. */
export const tool = 'echo';

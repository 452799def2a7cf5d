/**
 * Where the cases of the properties begin: `PROPERTY_SEED`, which `.ci/run` fixes; without it every run takes another
 * one. It is said at the start of a run, so that the run can be had again.
 */
import { randomInt } from 'node:crypto';
import { configureGlobal, readConfigureGlobal } from 'fast-check';
import * as z from 'zod';

const variable = 'PROPERTY_SEED';
const Seed = z.coerce.number().int();

/** Once for a run, before the processes start that run the tests: they inherit the variable. */
export default function chooseSeed(): void {
  process.env[variable] ??= String(randomInt(2 ** 31));
  console.log(`The properties begin at ${variable}=${seed()}`);
}

/** Once for each test file. */
export function useSeed(): void {
  configureGlobal({ ...readConfigureGlobal(), seed: seed() });
}

const seed = (): number => Seed.parse(process.env[variable]);

/** Finds the settings of a stage: `config/<stage>.ts`, which exports `settings`. */
import { existsSync } from 'node:fs';
import * as z from 'zod';
import { parseSettings, type Settings, Stage } from './settings.ts';

const folder = new URL('../config/', import.meta.url);
const SettingsFile = z.object({ settings: z.unknown() });

/** Throws when there is no such file, and every fault of what it says. */
export async function loadSettings(given: unknown): Promise<Settings> {
  const stage = Stage.safeParse(given);
  if (!stage.success)
    throw new Error(`The stage ${JSON.stringify(given)} (-c stage=…) ${stage.error.issues[0]?.message}`);
  const file = new URL(`${stage.data}.ts`, folder);
  if (!existsSync(file))
    throw new Error(`There is no config/${stage.data}.ts: write one like config/prod.ts for this stage`);
  return parseSettings(stage.data, SettingsFile.parse(await import(file.href)).settings);
}

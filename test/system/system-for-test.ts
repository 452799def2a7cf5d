/** A local system that ends with the test that starts it. */
import { onTestFinished } from 'vitest';
import type { Manifest } from '../../src/manifest/model/manifest.ts';
import { type Door, restDoor } from './clients.ts';
import { startTestSystem, type TestSystem } from './local-system.ts';

const endBoundMs = 60_000;

type Options = NonNullable<Parameters<typeof startTestSystem>[0]>;

export interface SystemForTest extends TestSystem {
  /** REST, with the key where there is one. */
  readonly door: Door;
}

export async function systemForTest(options: Options): Promise<SystemForTest> {
  const system = await startTestSystem(options);
  onTestFinished(() => system.close(), endBoundMs);
  return { ...system, door: restDoor({ ...system.endpoints, ...options }) };
}

/** The door of one that has these. */
export const doorOf = async (
  services: Manifest['services'],
  workflows: Manifest['workflows'] = [],
): Promise<Door> => (await systemForTest({ manifest: { services, workflows } })).door;

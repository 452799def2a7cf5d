/**
 * Every statement of the synthesized policies against the calls that the functions make: an api call without its
 * permission is denied on AWS, and a permission without a call is too much of it.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { deployment } from './calls/deployment-scenarios.ts';
import { everyday } from './calls/everyday-scenarios.ts';
import { lostEvents } from './calls/lost-events-scenarios.ts';
import { callsWithoutPermission, permissionsWithoutCall } from './calls/permission.ts';
import { races } from './calls/race-scenarios.ts';
import { openScene, type Scene } from './calls/scene.ts';

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
  await everyday(scene);
  await races(scene);
  await lostEvents(scene);
  await deployment(scene);
}, 120_000);

afterAll(async () => {
  vi.restoreAllMocks();
  await scene.close();
});

it.each(['api','run-step','undo','record-execution','sweep','apply-manifest','check-machines','authorizer','smoke-check'])('%s', (name) => {
  const { deployment } = scene.system;
  const f = deployment.functions.find((one) => one.name === name);
  const permissions = deployment.permissions.get(f?.roleArn ?? '') ?? [];
  const { calls } = scene.system.proxy(name);
  expect([callsWithoutPermission(calls, permissions), permissionsWithoutCall(permissions, calls)]).toEqual([[],[]]);
});

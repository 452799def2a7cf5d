/**
 * Every statement of the synthesized policies against the calls that the functions make: a call without its
 * permission is denied on AWS, and a permission without a call is one too many. The functions run as they are
 * deployed, and scenarios take each of them through every call that it may make.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endPassingTime } from '../system/passing-time.ts';
import { callsOfLambda, isCallOfLambda } from './calls/calls-of-lambda.ts';
import { deployment } from './calls/deployment-scenarios.ts';
import { events, listen } from './calls/event-scenarios.ts';
import { everyday } from './calls/everyday-scenarios.ts';
import { lifecycle } from './calls/lifecycle-scenarios.ts';
import { lostEvents } from './calls/lost-events-scenarios.ts';
import { invocationsOf } from './calls/machine-calls.ts';
import { callsWithoutPermission, type Permission, permissionsWithoutCall } from './calls/permission.ts';
import { races } from './calls/race-scenarios.ts';
import { openScene, type Scene } from './calls/scene.ts';

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
  const listening = await listen(scene);
  await everyday(scene);
  await races(scene);
  await lifecycle(scene);
  await lostEvents(scene);
  await events(scene, listening);
  await deployment(scene);
}, 240_000);

afterAll(async () => {
  endPassingTime();
  await scene?.close();
});

const names = [
  'api',
  'apply-manifest',
  'authorizer',
  'check-health',
  'check-machines',
  'deliver-events',
  'lifecycle',
  'record-execution',
  'refresh-services',
  'run-step',
  'smoke-check',
  'sweep',
  'undo',
];

function permissionsOf(name: string): readonly Permission[] {
  const { functions, permissions } = scene.system.deployment;
  const deployed = functions.find((one) => one.name === name);
  return permissions.get(deployed?.roleArn ?? '') ?? [];
}

describe.each(names)('%s', (name) => {
  it('makes no call without a permission', () => {
    expect(callsWithoutPermission(scene.system.proxy(name).calls, permissionsOf(name))).toEqual([]);
  });

  it('has no permission without a call', () => {
    const ofCode = permissionsOf(name).filter(({ action }) => !isCallOfLambda(name, action));
    expect(ofCode.length).toBeGreaterThan(0);
    expect(permissionsWithoutCall(ofCode, scene.system.proxy(name).calls)).toEqual([]);
  });
});

it('every function that is deployed is among these', () => {
  expect(scene.system.deployment.functions.map(({ name }) => name).sort()).toEqual(names);
});

it('what Lambda itself calls is permitted where it is said to be', () => {
  for (const { actions, functions, reason } of callsOfLambda) {
    expect(reason.length).toBeGreaterThan(20);
    for (const name of functions === 'all' ? names : functions)
      expect(permissionsOf(name).map(({ action }) => action)).toEqual(expect.arrayContaining([...actions]));
  }
});

describe('the state machines', () => {
  it('may invoke the functions of their definitions and do nothing else', () => {
    const { machines, permissions } = scene.system.deployment;
    const roles = new Set(machines.map(({ roleArn }) => roleArn));
    expect(roles.size).toBe(3);
    for (const role of roles) {
      const calls = machines.filter(({ roleArn }) => roleArn === role).flatMap(invocationsOf);
      const permitted = permissions.get(role) ?? [];
      expect(calls.length).toBeGreaterThan(0);
      expect([callsWithoutPermission(calls, permitted), permissionsWithoutCall(permitted, calls)]).toEqual([
        [],
        [],
      ]);
    }
  });
});

describe('the roles', () => {
  it('are of functions and state machines; API Gateway alone has a policy of AWS, for its log', () => {
    const { functions, machines, permissions, rolesWithManagedPolicies } = scene.system.deployment;
    const known = [...functions, ...machines].map(({ roleArn }) => roleArn);
    expect([...permissions.keys()].filter((role) => !known.includes(role))).toEqual([]);
    expect(rolesWithManagedPolicies).toEqual([expect.stringMatching(/^ApiRestCloudWatchRole/)]);
  });
});

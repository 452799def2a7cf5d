/** Calls at a steady rate before and during a rolling restart: how many fail, and how long the others take. */
import { setTimeout as sleep } from 'node:timers/promises';
import { drivenService, servingThrough } from '../../system/driven-services.ts';
import { type Load, loadOf } from '../load.ts';
import { carriedOut, type Fleet, soon, startFleet } from './fleet.ts';

const service = 'busy';
const instances = 3;
const perSecond = 100;

export interface Calls extends Load {
  readonly failed: number;
}

export interface RollingRestart {
  readonly before: Calls;
  readonly during: Calls;
}

export async function measureRollingRestart(seconds: number): Promise<RollingRestart> {
  const scaling = { minInstances: instances, maxInstances: instances };
  const fleet = await startFleet([
    drivenService({ name: service, env: { ANSWER_AFTER_MS: '10' }, more: { scaling } }),
  ]);
  try {
    await soon(async () => {
      const serving = await servingThrough(fleet.door, service);
      return serving.length === instances ? serving : undefined;
    });
    await callsWhile(fleet, sleep(1000));
    const before = await callsWhile(fleet, sleep(seconds * 1000));
    const during = await callsWhile(fleet, carriedOut(fleet, 'restart_service', { service }));
    return { before, during };
  } finally {
    await fleet.stop();
  }
}

/** An open loop: a call that takes long keeps no other one waiting. */
async function callsWhile({ door }: Fleet, over: Promise<unknown>): Promise<Calls> {
  const ms: number[] = [];
  const underWay: Promise<void>[] = [];
  let failed = 0;
  const call = async (): Promise<void> => {
    const began = performance.now();
    const request = { method: 'POST', path: '/effects' };
    const { code } = await door('call_service', { service, request }).catch(() => ({ code: 'no answer' }));
    if (code === undefined) ms.push(performance.now() - began);
    else failed += 1;
  };
  const began = performance.now();
  const timer = setInterval(() => underWay.push(call()), 1000 / perSecond);
  await over.finally(() => clearInterval(timer));
  await Promise.all(underWay);
  return { ...loadOf([{ ms, seconds: (performance.now() - began) / 1000 }]), failed };
}

/** How a task says whose it is, so that it is found again by whoever started it and by nobody else. */
import { createHash } from 'node:crypto';
import type { Tag, Task } from '@aws-sdk/client-ecs';
import type { DrivenStart } from '../../../instances/driver.ts';

type Start = Pick<DrivenStart, 'service' | 'id' | 'token'>;

/** What the tasks of an owner are listed by. */
export const startedBy = (owner: string): string => `orchestrator/${owner}`;

/** At most 64 characters (AWS: RunTask). */
export const clientToken = (owner: string, { token }: Pick<Start, 'token'>): string =>
  createHash('sha256').update(`${owner} ${token}`).digest('hex');

export const tagsOf = (owner: string, { service, id, token }: Start): Tag[] => [
  { key: 'orchestrator:owner', value: owner },
  { key: 'orchestrator:service', value: service },
  { key: 'orchestrator:instance', value: id },
  { key: 'orchestrator:token', value: token },
];

/** Which start a task names; undefined where its tags are not all there. */
export function startIn({ tags = [] }: Task): Start | undefined {
  const values = new Map(tags.map(({ key, value }) => [key, value]));
  const service = values.get('orchestrator:service');
  const id = values.get('orchestrator:instance');
  const token = values.get('orchestrator:token');
  return service && id && token ? { service, id, token } : undefined;
}

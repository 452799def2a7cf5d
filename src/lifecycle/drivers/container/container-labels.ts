/** How a container says whose it is, so that it is found again by whoever started it and by nobody else. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { DrivenStart, Listed } from '../../../instances/driver.ts';

type Start = Pick<DrivenStart, 'service' | 'id' | 'token'>;

const ownerLabel = 'orchestrator.owner';

export const labelsOf = (owner: string, { service, id, token }: Start): Record<string, string> => ({
  [ownerLabel]: owner,
  'orchestrator.service': service,
  'orchestrator.instance': id,
  'orchestrator.token': token,
});

export const ownedBy = (owner: string): string => `${ownerLabel}=${owner}`;

/** What the containers of one instance have, of whichever start. */
export const ofInstance = (owner: string, { service, id }: Pick<Start, 'service' | 'id'>): string[] => [
  ownedBy(owner),
  `orchestrator.service=${service}`,
  `orchestrator.instance=${id}`,
];

const Labels = z
  .object({
    'orchestrator.service': z.string(),
    'orchestrator.instance': z.string(),
    'orchestrator.token': z.string(),
  })
  .transform((labels) => ({
    service: labels['orchestrator.service'],
    id: labels['orchestrator.instance'],
    token: labels['orchestrator.token'],
  }));

/** Which start the labels name; undefined where they are not all there. */
export const startIn = (labels: unknown): Pick<Listed, 'service' | 'id' | 'token'> | undefined =>
  Labels.safeParse(labels).data;

/** The same for the same start of the same owner, so that the engine refuses a second one. */
export const containerName = (owner: string, { service, token }: Pick<Start, 'service' | 'token'>): string =>
  `orchestrator-${service}-${createHash('sha256').update(`${owner} ${token}`).digest('hex').slice(0, 16)}`;

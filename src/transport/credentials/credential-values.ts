/** What is kept under references: read from its store, and kept for a minute in this container. */
import type { Clock } from '../../base/clock.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { RecentMap } from '../../base/recent-map.ts';
import { type CredentialStore, parseAuthReference } from '../model/credential.ts';

/** Gives the text under a name. What it throws is told to nobody but by the name of its error. */
export type ReadCredential = (name: string) => Promise<string>;

/** The stores of this platform. */
export type CredentialSources = Readonly<Partial<Record<CredentialStore, ReadCredential>>>;

export interface CredentialValues {
  /** Throws `service.credential-unavailable`. `anew`: not as it was kept before this moment. */
  read(reference: string, options?: { readonly anew?: boolean }): Promise<string>;
}

interface Kept {
  readonly value: Promise<string>;
  readonly atMs: number;
}

const keptMs = 60_000;
/** However many calls are refused, a store is asked so often and no more. */
const leastMs = 5_000;
const mostKept = 500;

export function createCredentialValues(sources: CredentialSources, clock: Clock): CredentialValues {
  const kept = new RecentMap<string, Kept>(mostKept);
  return {
    read(reference, { anew = false } = {}) {
      const known = kept.get(reference);
      const age = known === undefined ? Number.POSITIVE_INFINITY : Math.abs(clock.now() - known.atMs);
      if (known && age < (anew ? leastMs : keptMs)) return known.value;
      const value = readFrom(sources, reference);
      kept.set(reference, { value, atMs: clock.now() });
      value.catch(() => kept.delete(reference));
      return value;
    },
  };
}

async function readFrom(sources: CredentialSources, reference: string): Promise<string> {
  const { store, name, key } = parseAuthReference(reference) ?? {};
  const read = store && sources[store];
  if (!read || name === undefined) throw unavailable(`there is no ${store ?? 'such'} store here`);
  const text = await read(name).catch(() => {
    throw unavailable(`${store}://${name} could not be read`);
  });
  return (key === undefined ? text : fieldOf(text, key)).trim();
}

function fieldOf(text: string, key: string): string {
  const value = objectIn(text)[key];
  if (typeof value === 'string') return value;
  throw unavailable(`what is kept there is no JSON with a text under ${key}`);
}

/** A value as JSON; empty where it is none, since what a parser says would quote it. */
export function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...Object(JSON.parse(text)) };
  } catch {
    return {};
  }
}

export const unavailable = (why: string): OrchestratorError =>
  new OrchestratorError(
    'service.credential-unavailable',
    `The credential of the service is missing: ${why}`,
    {
      effect: 'none',
    },
  );

/**
 * What it means to send a request twice (RFC 9110, 9.2): nothing, since it changes nothing; the same as once; or
 * perhaps a second effect.
 */
export type Repeatability = 'safe' | 'idempotent' | 'once';

const idempotentMethods = ['PUT', 'DELETE'];

/** What the method alone promises. */
export function repeatabilityOfMethod(method: string): Repeatability {
  if (method === 'GET') return 'safe';
  return idempotentMethods.includes(method) ? 'idempotent' : 'once';
}

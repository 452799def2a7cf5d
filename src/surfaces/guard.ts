/** Refuses requests that a page of somebody else made, or that were sent to a name that is not ours. */
import { OrchestratorError } from '../domain/errors.ts';
import { type Allowed, foreignness } from './foreign-request.ts';
import type { HttpRequest } from './http.ts';

export function guard(request: HttpRequest, allowed: Allowed): void {
  const refusal = foreignness(request, allowed);
  if (refusal !== undefined) throw new OrchestratorError('request.host-not-allowed', refusal);
}

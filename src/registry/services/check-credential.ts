/** Whether a service may have this credential: said when it is registered, and again whenever it is called. */
import { type ErrorCode, OrchestratorError } from '../../base/errors.ts';
import { type AllowedCredential, whyNotAllowed } from '../../transport/model/credential-policy.ts';
import type { ServiceRegistration } from './model/service-registration.ts';

export const credentialErrors: readonly ErrorCode[] = ['service.credential-not-allowed'];

/** Throws `service.credential-not-allowed`; `path` is where the registration stands. */
export function refuseCredential(
  allowed: readonly AllowedCredential[],
  { authReference, authScheme, url }: Pick<ServiceRegistration, 'authReference' | 'authScheme' | 'url'>,
  path = '',
): void {
  if (authReference === undefined) return;
  const called = url === undefined ? [undefined] : [new URL(url)];
  const asked = authScheme?.kind === 'client-credentials' ? [new URL(authScheme.tokenUrl)] : [];
  for (const place of [...called, ...asked]) {
    const why = whyNotAllowed(allowed, authReference, place);
    if (why !== undefined) throw notAllowed(path === '' ? 'authReference' : `${path}.authReference`, why);
  }
}

const notAllowed = (path: string, message: string): OrchestratorError =>
  new OrchestratorError('service.credential-not-allowed', `${path} ${message}`, {
    errors: [{ path, message }],
  });

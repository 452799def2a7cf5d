/** What the operations on keys work with. */
import type { Hash } from '../access/model/key-text.ts';
import type { ApiKeyStore } from '../access/store/api-key-store.ts';
import type { RoleStore } from '../access/store/role-store.ts';
import type { KeptPassword, UserStore } from '../access/store/user-store.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';

/** What a new key is made of: chance, in the lengths that its text has. */
export interface NewKeyParts {
  readonly id: string;
  readonly secret: string;
  readonly salt: string;
}

export interface AccountsContext {
  readonly apiKeys: ApiKeyStore;
  readonly users: UserStore;
  readonly roles: RoleStore;
  /** Of everything there is. */
  readonly operationIds: readonly string[];
  readonly hashPassword: (password: string) => Promise<KeptPassword>;
  readonly newKeyParts: () => Promise<NewKeyParts>;
  /** How long what was revoked may still be let in: caches of the authorizer and of API Gateway. */
  readonly revocationSeconds: number;
  readonly hash: Hash;
  readonly clock: Clock;
  readonly log: Log;
}

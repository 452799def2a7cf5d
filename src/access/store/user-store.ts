/** Users in the access table, pk `USER`, sk `<name>`; and the tokens that they got, pk `TOKEN`, sk `<id>`, which TTL removes. */
import { ttlAttribute } from '../../aws/model/tables.ts';
import type { Table } from '../../aws/table.ts';
import { User } from '../model/user.ts';
import { placeOfToken, placeOfUser, type TokenRecord, userPartition } from '../model/user-record.ts';

export interface KeptPassword {
  readonly salt: string;
  readonly passwordHash: string;
}

export type UserStore = ReturnType<typeof createUserStore>;

const exists = { expression: 'attribute_exists(pk)' };

export function createUserStore(table: Table) {
  return {
    /** By name. */
    all: async (): Promise<User[]> =>
      (await table.queryAll({ pk: userPartition, consistent: true })).map((item) => User.parse(item)),
    async get(name: string): Promise<User | undefined> {
      const item = await table.get(placeOfUser(name), { consistent: true });
      return item && User.parse(item);
    },
    /** False when the name is taken. */
    create: (user: User, password: KeptPassword): Promise<boolean> =>
      table.put(
        { ...placeOfUser(user.name), schemaVersion: 1, ...user, ...password, tokensSince: user.createdAt },
        { expression: 'attribute_not_exists(pk)' },
      ),
    /** Tokens from before are not taken any more. False when there is no such user. */
    setPassword: (name: string, password: KeptPassword, now: string): Promise<boolean> =>
      table.update(placeOfUser(name), {
        set: { ...password, passwordSetAt: now, tokensSince: now },
        condition: exists,
      }),
    /** False when there is no such user. */
    disable: (name: string, now: string): Promise<boolean> =>
      table.update(placeOfUser(name), { set: { disabledAt: now }, condition: exists }),
    /** Tokens from before stay out. False when there is no such user. */
    enable: (name: string, now: string): Promise<boolean> =>
      table.update(placeOfUser(name), {
        set: { tokensSince: now },
        remove: ['disabledAt'],
        condition: exists,
      }),
    addToken: (id: string, token: TokenRecord): Promise<boolean> =>
      table.put(
        {
          ...placeOfToken(id),
          schemaVersion: 1,
          ...token,
          [ttlAttribute]: Math.ceil(Date.parse(token.expiresAt) / 1000),
        },
        { expression: 'attribute_not_exists(pk)' },
      ),
  };
}

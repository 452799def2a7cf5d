/** Permissions and calls in the words of IAM, and whether the one allows the other. */
import * as z from 'zod';

/** One call to AWS as IAM would judge it. */
export interface Call {
  readonly action: string;
  /** An arn, or `*` for an action that knows no resource. */
  readonly resource: string;
  /** Condition keys. */
  readonly context?: Readonly<Record<string, string>>;
  /** Partition keys of the items that it asks for. */
  readonly leadingKeys?: readonly string[];
}

/** One action on one resource of a statement: the least that can be taken out of a policy. */
export interface Permission {
  readonly action: string;
  /** An arn that may have wildcards. */
  readonly resource: string;
  readonly equals: Readonly<Record<string, string>>;
  /** It takes away what others allow, for items of these partition keys. */
  readonly deniedKeys?: readonly string[];
}

const oneOrMany = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

/** What these tests understand of a policy; a statement of another kind is refused. */
const Policy = z.object({
  Statement: z.array(
    z.discriminatedUnion('Effect', [
      z.strictObject({
        Effect: z.literal('Allow'),
        Action: oneOrMany,
        Resource: oneOrMany,
        Condition: z.strictObject({ StringEquals: z.record(z.string(), z.string()) }).optional(),
      }),
      z.strictObject({
        Effect: z.literal('Deny'),
        Action: oneOrMany,
        Resource: oneOrMany,
        Condition: z.strictObject({
          'ForAnyValue:StringLike': z.strictObject({ 'dynamodb:LeadingKeys': oneOrMany }),
        }),
      }),
    ]),
  ),
});

export function permissionsIn(policy: unknown): Permission[] {
  return Policy.parse(policy).Statement.flatMap((statement) =>
    statement.Action.flatMap((action) =>
      statement.Resource.map((resource) => ({ action, resource, ...conditionOf(statement) })),
    ),
  );
}

type Statement = z.infer<typeof Policy>['Statement'][number];

const conditionOf = (statement: Statement): Pick<Permission, 'equals' | 'deniedKeys'> =>
  statement.Effect === 'Allow'
    ? { equals: statement.Condition?.StringEquals ?? {} }
    : { equals: {}, deniedKeys: statement.Condition['ForAnyValue:StringLike']['dynamodb:LeadingKeys'] };

/** AWS: in an arn, `*` stands for any text and `?` for one character. */
function matches(pattern: string, resource: string): boolean {
  const escaped = pattern.replace(/[\\^$.+()[\]{}|]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(resource);
}

const allows = ({ action, resource, equals, deniedKeys }: Permission, call: Call): boolean =>
  deniedKeys === undefined &&
  action === call.action &&
  matches(resource, call.resource) &&
  Object.entries(equals).every(([key, value]) => call.context?.[key] === value);

/** AWS: what one statement denies no other allows. */
const denies = ({ action, resource, deniedKeys = [] }: Permission, call: Call): boolean =>
  action === call.action &&
  matches(resource, call.resource) &&
  (call.leadingKeys ?? []).some((key) => deniedKeys.some((pattern) => matches(pattern, key)));

const isAllowed = (call: Call, permissions: readonly Permission[]): boolean =>
  permissions.some((permission) => allows(permission, call)) &&
  !permissions.some((permission) => denies(permission, call));

const shown = ({ action, resource }: Pick<Call, 'action' | 'resource'>): string =>
  `${action} on ${resource.split(':').slice(5).join(':') || resource}`;

const sortedOnce = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

/** The calls that would be denied. */
export const callsWithoutPermission = (
  calls: readonly Call[],
  permissions: readonly Permission[],
): string[] => sortedOnce(calls.filter((call) => !isAllowed(call, permissions)).map(shown));

/** The permissions that no call needed. */
export const permissionsWithoutCall = (
  permissions: readonly Permission[],
  calls: readonly Call[],
): string[] =>
  sortedOnce(
    permissions
      .filter(({ deniedKeys }) => deniedKeys === undefined)
      .filter((permission) => !calls.some((call) => allows(permission, call)))
      .map(shown),
  );

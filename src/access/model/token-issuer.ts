/** Whose tokens are taken, and what is believed of them. In zod's small form, as all that the authorizer checks. */
import * as z from 'zod/mini';

/**
 * Only signatures by a key that the issuer alone has. With a shared secret (HS256), or with none, whoever knows what is
 * public could sign.
 */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const Algorithm = z
  .string()
  .check(z.refine((name) => algorithms.includes(name), `must be one of ${algorithms.join(', ')}`));

const issuerRule = 'must be an https URL without query, such as https://id.example.org';
/** RFC 8414, 2; plain http is for an issuer on the same machine alone. */
const isIssuer = (text: string): boolean => {
  if (!URL.canParse(text) || /[?#]/.test(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  const loopback = hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
  return username + password === '' && (protocol === 'https:' || (protocol === 'http:' && loopback));
};
const IssuerUrl = z.string().check(z.refine(isIssuer, issuerRule));
/** As of keys. */
const RoleName = z.enum(['viewer', 'operator', 'admin']);
const named = z.string().check(z.minLength(1), z.maxLength(200));

export const TokenIssuer = z.strictObject({
  /** As `iss` says it. */
  issuer: IssuerUrl,
  /** Of its callers, `<name>:<sub>`; two issuers never share one. */
  name: z.string().check(
    z.regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be small letters, digits and -'),
    z.refine(
      (name) => !['key', 'user'].includes(name),
      'must be none of key and user, which are callers of other kinds',
    ),
  ),
  /** Urls of this system, of which a token has to name one (RFC 8707): that of the API, and that with /mcp behind it. */
  audiences: z.array(named).check(z.minLength(1)),
  algorithms: z._default(z.array(Algorithm).check(z.minLength(1)), ['RS256', 'PS256', 'ES256', 'EdDSA']),
  /** Where its keys are; when left out, its metadata say that. */
  jwksUri: z.optional(IssuerUrl),
  /** Which claim has the roles, names below each other with dots: `realm_access.roles`. A text is read word by word. */
  roleClaim: z._default(named, 'roles'),
  /** What each value of the claim allows. */
  roles: z._default(z.record(z.string(), RoleName), {}),
  /** For whoever has none of these; nobody is let in with none when left out. */
  defaultRole: z.optional(RoleName),
  /** What clients should ask for (RFC 6750, `scope`). */
  scopes: z._default(z.array(z.string().check(z.regex(/^[!#-[\]-~]+$/, 'must be a scope'))), []),
});
export type TokenIssuer = z.infer<typeof TokenIssuer>;

export const TokenIssuers = z.array(TokenIssuer).check(
  z.maxLength(10),
  z.refine(
    (all) =>
      new Set(all.map(({ issuer }) => issuer)).size === all.length &&
      new Set(all.map(({ name }) => name)).size === all.length,
    'issuers and their names must differ',
  ),
);

/** JSON of a list, as an environment has it; nothing is none. */
export const TokenIssuersText = z.pipe(
  z.transform((text: unknown): unknown => {
    if (text === undefined || text === '') return [];
    if (typeof text !== 'string') return text;
    try {
      return JSON.parse(text);
    } catch {
      return 'not JSON';
    }
  }),
  TokenIssuers,
);

/** The values of a claim, wherever it is. */
export function claimed(claims: Readonly<Record<string, unknown>>, path: string): string[] {
  const direct = claims[path];
  const value =
    direct ??
    path
      .split('.')
      .reduce<unknown>(
        (part, name) =>
          typeof part === 'object' && part !== null && Object.hasOwn(part, name)
            ? Reflect.get(part, name)
            : undefined,
        claims,
      );
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '');
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

const ranks: readonly string[] = ['viewer', 'operator', 'admin'];

/** The highest of the roles that the claims give; undefined for none. */
export function roleOf(
  { roleClaim, roles, defaultRole }: TokenIssuer,
  claims: Readonly<Record<string, unknown>>,
): string | undefined {
  const given = claimed(claims, roleClaim).flatMap((value) =>
    Object.hasOwn(roles, value) && roles[value] !== undefined ? [roles[value]] : [],
  );
  return given.sort((one, other) => ranks.indexOf(other) - ranks.indexOf(one))[0] ?? defaultRole;
}

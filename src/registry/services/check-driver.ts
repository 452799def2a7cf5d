/**
 * Whether a caller may give a service this driver. What starts processes or containers runs commands on the machine of the
 * orchestrator: a file that somebody put there may name them, a caller only when that was allowed.
 */
import type { Caller } from '../../access/model/access.ts';
import { requireRole } from '../../access/model/access.ts';
import { type ErrorCode, OrchestratorError } from '../../base/errors.ts';
import { type Driver, driverOn, isDriven, type OneDriver, type Platform, platforms } from './model/driver.ts';
import { type DriversHere, unmeasured, withoutSecret } from './model/driver-warnings.ts';
import type { ServiceRegistration } from './model/service-registration.ts';

export interface DriverRules extends DriversHere {
  /** Whether callers that proved who they are may name commands. */
  readonly localDriversAllowed: boolean;
}

export const driverErrors: readonly ErrorCode[] = [
  'driver.url-not-allowed',
  'driver.not-available',
  'scaling.not-available',
];

type Registered = Pick<ServiceRegistration, 'driver' | 'url'>;

/** Throws `driver.url-not-allowed`, `access.denied` and `driver.not-available`; `path` is where the registration stands. */
export function refuseDriver(
  rules: DriverRules,
  { driver, url }: Registered,
  { caller, path = '' }: { readonly caller: Caller; readonly path?: string },
): void {
  if (!driver || !isDriven(driver)) return;
  if (url !== undefined) throw urlBesideDriver(path);
  const kinds = [
    ...new Set(
      everyDriver(driver)
        .filter(runsHere)
        .map(({ kind }) => kind),
    ),
  ].join(' and ');
  const isHere = rules.platform === 'local' && kinds !== '';
  requireRole(caller, 'admin', isHere ? givingCommands(kinds) : 'giving a service a driver');
  if (!driverOn(driver, rules.platform) && (driver.kind !== undefined || kinds !== ''))
    throw notAvailable(path, elsewhere(driver.kind ?? kinds, rules.platform));
  if (driverOn(driver, rules.platform)?.kind === 'webhook' && !rules.webhooks)
    throw notAvailable(path, `the driver ${withoutSecret(rules.platform)}`);
  if (isHere && !rules.localDriversAllowed)
    throw notAvailable(
      path,
      `the driver ${kinds} runs commands on this machine: put the service into the manifest file, or start the orchestrator with AUTH=on and ALLOW_LOCAL_DRIVERS=on`,
    );
}

const elsewhere = (kinds: string, platform: Platform): string =>
  platform === 'aws'
    ? `the driver ${kinds} runs on one machine, not on AWS`
    : `the driver ${kinds} runs on AWS, not on one machine`;

const givingCommands = (kinds: string): string =>
  `giving a service the driver ${kinds}, where ALLOW_LOCAL_DRIVERS=on allows that,`;

const runsHere = ({ kind }: OneDriver): boolean => kind === 'process' || kind === 'container';

const everyDriver = (driver: Driver | undefined): OneDriver[] =>
  platforms.flatMap((platform) => driverOn(driver, platform) ?? []);

const at = (path: string, field: string): string => (path === '' ? field : `${path}.${field}`);

const notAvailable = (path: string, why: string): OrchestratorError =>
  new OrchestratorError('driver.not-available', why, {
    errors: [{ path: at(path, 'driver'), message: why }],
  });

function urlBesideDriver(path: string): OrchestratorError {
  const message = 'is known when its instances have started: leave it out, or the driver';
  return new OrchestratorError('driver.url-not-allowed', `url ${message}`, {
    errors: [{ path: at(path, 'url'), message }],
  });
}

/** Packages run commands as well. */
export const refusePackages = (rules: DriverRules, caller: Caller): void =>
  refuseDriver(rules, { driver: { local: packaged } }, { caller });

const packaged: OneDriver = {
  kind: 'process',
  settings: { command: ['npx'], env: {}, stopGraceSeconds: 10 },
};

/** Throws `scaling.not-available` for what could never be followed on the platform. */
export function refuseScaling(
  rules: DriverRules,
  { driver, scaling }: Pick<ServiceRegistration, 'driver' | 'scaling'>,
  path = '',
): void {
  if (rules.platform !== 'aws' || !driverOn(driver, 'aws')) return;
  const errors = unmeasured(scaling).map((fault) => ({ ...fault, path: at(path, fault.path) }));
  const [first] = errors;
  if (first)
    throw new OrchestratorError('scaling.not-available', `${first.path} ${first.message}`, { errors });
}

/**
 * A service that is a function behind a url. Such a function is one endpoint, whatever runs behind it, so it is one
 * instance: stopped by reserving nothing for it, started by giving it the reservation that it had, and made larger by what
 * is provisioned for its alias.
 */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { DrivenStart, Driver, Observed } from '../../../instances/driver.ts';
import { LambdaSettings } from '../../../registry/services/model/driver.ts';
import { normaliseUrl } from '../../../registry/services/model/service-terms.ts';
import { refused } from '../refusal.ts';
import { type Alias, createLambdaApi, type Reservation } from './lambda-api.ts';

export interface LambdaDriverOptions {
  readonly client: LambdaClient;
}

export function createLambdaDriver({ client }: LambdaDriverOptions): Driver {
  const api = createLambdaApi(client);
  return {
    kind: 'lambda',
    async start(start) {
      const { functionName } = settingsOf(start);
      const now = await api.reservation(functionName);
      if (now === undefined) throw refused(`There is no function ${functionName}`);
      if (now !== 0) return running(start, now);
      const former = formerReservation(start);
      await api.reserve(functionName, former);
      return running(start, former);
    },
    async describe(start) {
      const now = await api.reservation(settingsOf(start).functionName);
      return now === undefined || now === 0 ? { state: 'GONE' } : running(start, now);
    },
    /** What is provisioned goes first: Lambda reserves no less than that. */
    async stop(start) {
      const { functionName } = settingsOf(start);
      const alias = aliasOf(start);
      if (alias) await api.provision(alias, 0);
      if ((await api.reservation(functionName)) !== undefined) await api.reserve(functionName, 0);
    },
    /** Functions do not say who started them. */
    list: async () => undefined,
    logs: async () => undefined,
    async resize(start, instances) {
      const alias = aliasOf(start);
      if (!alias || (await api.provisioned(alias)) === instances) return false;
      await api.provision(alias, instances);
      return true;
    },
  };
}

const settingsOf = ({ settings }: DrivenStart): LambdaSettings => LambdaSettings.parse(settings);

function aliasOf(start: DrivenStart): Alias | undefined {
  const { functionName, alias } = settingsOf(start);
  return alias === undefined ? undefined : { functionName, alias };
}

/** It is called by its function and the reservation of that, which the next start restores. */
const running = (start: DrivenStart, reservation: Reservation): Observed => ({
  state: 'RUNNING',
  ref: `${settingsOf(start).functionName} ${reservation === 'none' ? 'unreserved' : `reserved=${reservation}`}`,
  url: normaliseUrl(start.transport, settingsOf(start).url),
});

/** None where it was of another function, or is not known. */
function formerReservation({ before = '', settings }: DrivenStart): Reservation {
  const { functionName } = LambdaSettings.parse(settings);
  const [, executions] = before.startsWith(`${functionName} `) ? (/ reserved=(\d+)$/.exec(before) ?? []) : [];
  return executions === undefined ? 'none' : Number(executions);
}

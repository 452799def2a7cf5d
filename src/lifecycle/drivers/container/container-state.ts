/** What the engine says of a container, in the words of drivers. */
import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import type { Listed, Observed, ObservedState } from '../../../instances/driver.ts';
import type { Transport } from '../../../registry/services/model/service-terms.ts';
import { instanceUrl } from '../instance-url.ts';
import { startIn } from './container-labels.ts';

/** `created` was never started; Podman has more words for it. What is not named here runs. */
const states: Readonly<Record<string, ObservedState>> = {
  created: 'PENDING',
  configured: 'PENDING',
  initialized: 'PENDING',
  exited: 'EXITED',
  stopped: 'EXITED',
  dead: 'EXITED',
  removing: 'EXITED',
};

export const stateOf = (word: string): ObservedState => states[word.toLowerCase()] ?? 'RUNNING';

interface Place {
  readonly transport: Transport;
  readonly path?: string | undefined;
}

/** One port is published; others that the image exposes are not. */
export function urlOf({ NetworkSettings }: ContainerInspectInfo, place: Place): string | undefined {
  const published = Object.values(NetworkSettings.Ports).flatMap((bound) => bound ?? []);
  return published[0] && instanceUrl({ ...place, host: '127.0.0.1', port: published[0].HostPort });
}

export function exitOf({ State }: ContainerInspectInfo): string {
  if (State.OOMKilled) return `with code ${State.ExitCode}, as it used more memory than it may`;
  return State.Error ? `with code ${State.ExitCode}: ${State.Error}` : `with code ${State.ExitCode}`;
}

/** From the list of all; undefined of one that does not say which start it is. */
export function listedIn({ Names, Labels, State, Status }: ContainerInfo): Listed | undefined {
  const start = startIn(Labels);
  const observed: Observed = { state: stateOf(State), ref: Names[0]?.replace(/^\//, '') };
  if (start === undefined) return undefined;
  const [, code] = /\((\d+)\)/.exec(Status) ?? [];
  return {
    ...start,
    ...observed,
    ...(code && observed.state === 'EXITED' && { exit: { how: `with code ${code}` } }),
  };
}

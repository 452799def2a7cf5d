/** What all that know of lifecycle are told by the configuration. */
import type { LifecycleContext } from '../../lifecycle/context.ts';
import type { ChangingConfig } from '../config.ts';

/** Nobody chooses an instance any more after its route was read again; in one process everybody is told. */
const drains = {
  local: { settleMs: 1_000, mostMs: 30_000 },
  aws: { settleMs: 4_000, mostMs: 30_000 },
} as const satisfies Record<LifecycleContext['platform'], LifecycleContext['drain']>;

export function lifecycleSettings(
  config: ChangingConfig,
): Pick<LifecycleContext, 'platform' | 'drain' | 'changeMachineArn' | 'instanceNews'> {
  const platform = config.DRIVERS === undefined ? 'aws' : 'local';
  return {
    platform,
    drain: drains[platform],
    changeMachineArn: config.CHANGE_MACHINE_ARN,
    instanceNews: config.INSTANCE_NEWS,
  };
}

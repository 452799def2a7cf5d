/** What all that know of lifecycle are told by the configuration. */
import type { LifecycleContext } from '../../lifecycle/context.ts';
import type { ChangingConfig } from '../config.ts';

/** Nobody chooses an instance any more after its route was read again; in one process everybody is told. */
const settleMs = { local: 1_000, aws: 4_000 } as const satisfies Record<
  LifecycleContext['platform'],
  LifecycleContext['settleMs']
>;

export function lifecycleSettings(
  config: ChangingConfig,
): Pick<LifecycleContext, 'platform' | 'settleMs' | 'changeMachineArn' | 'instanceNews'> {
  const platform = config.DRIVERS === undefined ? 'aws' : 'local';
  return {
    platform,
    settleMs: settleMs[platform],
    changeMachineArn: config.CHANGE_MACHINE_ARN,
    instanceNews: config.INSTANCE_NEWS,
  };
}

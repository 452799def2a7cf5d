import { defineOperation } from '../../operation/operation.ts';
import { askForInstance, InstanceChange, instanceErrors } from '../changes/ask-for-instance.ts';
import { AskedChange } from '../changes/change-shapes.ts';
import type { LifecycleOperationContext } from '../operation-context.ts';

export const restartInstance = defineOperation({
  id: 'restart_instance',
  summary: 'Stop one instance when its calls have ended, and start it again',
  input: InstanceChange,
  output: AskedChange,
  errors: instanceErrors,
  access: 'operator',
  http: { method: 'POST', path: '/v1/services/{service}/instances/{id}/restart', status: 202 },
  hints: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
  run: (context: LifecycleOperationContext, input, caller) =>
    askForInstance(context, { input, kind: 'restart-instance', caller }),
});

import { defineOperation } from '../../operation/operation.ts';
import { askForInstance, InstanceChange, instanceErrors } from '../changes/ask-for-instance.ts';
import { AskedChange } from '../changes/change-shapes.ts';
import type { LifecycleOperationContext } from '../operation-context.ts';

export const stopInstance = defineOperation({
  id: 'stop_instance',
  summary: 'Stop one instance when its calls have ended; it stays stopped, and no other takes its place',
  input: InstanceChange,
  output: AskedChange,
  errors: instanceErrors,
  access: 'operator',
  http: { method: 'POST', path: '/v1/services/{service}/instances/{id}/stop', status: 202 },
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: true },
  run: (context: LifecycleOperationContext, input, caller) =>
    askForInstance(context, { input, kind: 'stop-instance', caller }),
});

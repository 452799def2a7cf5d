import { defineOperation } from '../../operation/operation.ts';
import { askForInstance, InstanceChange, instanceErrors } from '../changes/ask-for-instance.ts';
import { AskedChange } from '../changes/change-shapes.ts';
import type { LifecycleOperationContext } from '../operation-context.ts';

export const startInstance = defineOperation({
  id: 'start_instance',
  summary: 'Start one instance that was stopped by itself, or failed',
  input: InstanceChange,
  output: AskedChange,
  errors: instanceErrors,
  access: 'operator',
  http: { method: 'POST', path: '/v1/services/{service}/instances/{id}/start', status: 202 },
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  run: (context: LifecycleOperationContext, input, caller) =>
    askForInstance(context, { input, kind: 'start-instance', caller }),
});

/** A cancel that comes while a step is under way, at the moment that matters. */
import { eventually, type Scene } from './scene.ts';
import { nested, undoable } from './steps.ts';

export async function races(scene: Scene): Promise<void> {
  await lateFinisher(scene);
  await cancelBeforeNestedRun(scene);
}

/** A call has had its effect and is recorded only after the flag was set: its step starts the undo. */
async function lateFinisher({ define, start, ends, ask, system, done }: Scene): Promise<void> {
  await define('late', [undoable('j')]);
  const trouble = system.proxy('run-step').hold('dynamodb:UpdateItem');
  const workflowId = await start('late');
  await trouble.met;
  await ask('cancel_workflow', { workflowId });
  trouble.over();
  await ends(workflowId, 'CANCELLED');
  await eventually(() => done.includes('unmake j'));
}

/** The cancel finds no run of the other workflow yet: the step that starts it ends it too. */
async function cancelBeforeNestedRun({ define, start, ends, ask, status, system }: Scene): Promise<void> {
  await define('outer-of-long', [nested('long')]);
  // Nobody else records the end of the other workflow.
  system.events.fate = 'lost';
  const trouble = system.proxy('run-step').hold('dynamodb:PutItem');
  const workflowId = await start('outer-of-long');
  await trouble.met;
  await ask('cancel_workflow', { workflowId });
  await ends(workflowId, 'CANCELLED');
  trouble.over();
  const inner = await status(workflowId, ({ steps: [step] }) => step?.workflowId !== undefined);
  await ends(inner.steps[0]?.workflowId ?? '', 'CANCELLED');
  system.events.fate = 'told';
}

/** The one state machine that carries changes out, turn by turn. */
import * as z from 'zod';
import { turnMachine } from '../../workflows/compiler/turn-machine.ts';

/** What one turn is given. */
export const ChangeTask = z.strictObject({ changeId: z.string() });
export type ChangeTask = z.infer<typeof ChangeTask>;

export const changeMachine = (lifecycleFunction: string) =>
  turnMachine({
    comment: 'Carries one change of services and their instances out, wave by wave',
    state: 'change',
    functionArn: lifecycleFunction,
    payload: { changeId: '{% $states.input.changeId %}' },
  });

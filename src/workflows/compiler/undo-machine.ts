/**
 * The one state machine that undoes: it asks the undo function for a turn until there is nothing left to do.
 * Shared by all workflows, so that compensation is not part of any workflow's own machine.
 */
import * as z from 'zod';

/** What one turn says: go on at once, after a while, or stop. */
export const UndoTurn = z.object({ next: z.enum(['again', 'wait', 'done']), waitSeconds: z.number() });
export type UndoTurn = z.infer<typeof UndoTurn>;

/** What one turn is given: whose steps, and which execution of the undo machine asks. */
export const UndoTask = z.strictObject({ executionId: z.string(), owner: z.string() });
export type UndoTask = z.infer<typeof UndoTask>;

/** A function that fails is asked again for about an hour; then the sweeper starts the machine anew. */
const Retry = [
  {
    ErrorEquals: ['States.TaskFailed', 'States.Timeout'],
    IntervalSeconds: 2,
    BackoffRate: 2,
    MaxDelaySeconds: 300,
    MaxAttempts: 18,
    JitterStrategy: 'FULL',
  },
];

export const undoMachine = (undoFunction: string) => ({
  Comment: 'Undoes the recorded steps of one execution, newest first, then ends it',
  QueryLanguage: 'JSONata',
  StartAt: 'undo',
  States: {
    undo: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: {
        FunctionName: undoFunction,
        Payload: {
          executionId: '{% $states.input.executionId %}',
          owner: '{% $states.context.Execution.Name %}',
        },
      },
      TimeoutSeconds: 120,
      Retry,
      Assign: { turn: '{% $states.result.Payload %}' },
      Output: '{% $states.input %}',
      Next: 'decide',
    },
    decide: {
      Type: 'Choice',
      Choices: [
        { Condition: "{% $turn.next = 'done' %}", Next: 'end' },
        { Condition: "{% $turn.next = 'wait' %}", Next: 'wait' },
      ],
      Default: 'undo',
    },
    wait: { Type: 'Wait', Seconds: '{% $turn.waitSeconds %}', Next: 'undo' },
    end: { Type: 'Succeed' },
  },
});

/**
 * A machine that asks a function for one turn after another until there is nothing left to do. What is done for long, and
 * is no workflow of a user, is carried out by such a machine.
 */
import * as z from 'zod';

/** What one turn says: go on at once, after a while, or stop. */
export const Turn = z.object({ next: z.enum(['again', 'wait', 'done']), waitSeconds: z.number() });
export type Turn = z.infer<typeof Turn>;

/** A function that fails is asked again for about an hour; then a sweep starts the machine anew. */
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

interface Turns {
  readonly comment: string;
  /** What the state that asks is called. */
  readonly state: string;
  readonly functionArn: string;
  readonly payload: Readonly<Record<string, string>>;
}

export const turnMachine = ({ comment, state, functionArn, payload }: Turns) => ({
  Comment: comment,
  QueryLanguage: 'JSONata',
  StartAt: state,
  States: {
    [state]: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: functionArn, Payload: payload },
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
      Default: state,
    },
    wait: { Type: 'Wait', Seconds: '{% $turn.waitSeconds %}', Next: state },
    end: { Type: 'Succeed' },
  },
});

/** How a step of an execution is named. */
import * as z from 'zod';

export const StepPath = z
  .string()
  .regex(/^[\w/]{1,900}$/, 'must be the path of a step as the status shows it')
  .describe('The path of the step as the status shows it, as in `classify` or `each/3/classify`');

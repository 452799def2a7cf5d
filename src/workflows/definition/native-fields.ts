/** The expressions of a definition by the fields of Step Functions that they are compiled into, as errors name them. */

import type { FailedExpression } from '../../expressions/model/explain-expression.ts';
import { fieldPath, isExpression, itemPath, sourceOf } from '../../expressions/model/template.ts';
import { MAX_WAIT_SECONDS, type WorkflowDefinition } from './definition.ts';
import type { WalkedStep } from './steps.ts';

export interface NativeField extends FailedExpression {
  /** `Arguments/Payload/call/arguments/id`, `Choices[0]/Condition`, `Items`. */
  readonly field: string;
}

interface Place {
  readonly field: string;
  readonly path: string;
}

const expectedValue = 'a value';

function* fieldsIn(
  template: unknown,
  { field, path }: Place,
  expected = expectedValue,
): Generator<NativeField> {
  if (typeof template === 'string' && isExpression(template))
    yield { field, path, source: sourceOf(template), expected };
  if (typeof template !== 'object' || template === null) return;
  for (const [key, part] of Object.entries(template)) {
    yield* Array.isArray(template)
      ? fieldsIn(part, { field: `${field}[${key}]`, path: itemPath(path, Number(key)) }, expectedValue)
      : fieldsIn(part, { field: `${field}/${key}`, path: fieldPath(path, key) }, expectedValue);
  }
}

/** Of the state of a step. */
export function nativeFieldsOf({ step, path }: WalkedStep): NativeField[] {
  const payload = (name: string): Place => ({
    field: `Arguments/Payload/${name}`,
    path: `${path}.${name.replaceAll('/', '.')}`,
  });
  if ('call' in step)
    return 'tool' in step.call
      ? [...fieldsIn(step.call.arguments, payload('call/arguments'), 'an object')]
      : [...fieldsIn(step.call.request, payload('call/request'))];
  if ('approval' in step) return [...fieldsIn(step.approval, payload('approval'))];
  if ('workflow' in step) return [...fieldsIn(step.workflow.input, payload('workflow/input'))];
  if ('forEach' in step) {
    const place = { field: 'Items', path: `${path}.forEach.items` };
    return [...fieldsIn(step.forEach.items, place, 'items, unless "optional" is true')];
  }
  if ('wait' in step)
    return 'until' in step.wait
      ? [
          ...fieldsIn(
            step.wait.until,
            { field: 'Timestamp', path: `${path}.wait.until` },
            'a time such as "2026-11-23T09:30:00Z"',
          ),
        ]
      : [
          ...fieldsIn(
            step.wait.seconds,
            { field: 'Seconds', path: `${path}.wait.seconds` },
            `a whole number from 0 to ${MAX_WAIT_SECONDS}`,
          ),
        ];
  if (!('choose' in step)) return [];
  return step.choose.flatMap(({ when }, index) => [
    ...fieldsIn(
      when,
      { field: `Choices[${index}]/Condition`, path: `${path}.choose[${index}].when` },
      'true or false',
    ),
  ]);
}

/** Of whichever state ends the workflow. */
export const outputFieldsOf = ({ output }: Pick<WorkflowDefinition, 'output'>): NativeField[] => [
  ...fieldsIn(output, { field: 'Output', path: 'output' }),
];

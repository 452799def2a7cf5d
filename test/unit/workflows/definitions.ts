/** Short ways to write definitions for tests. */
import type { Fault } from '../../../src/base/errors.ts';
import { type Known, validateWorkflow } from '../../../src/workflows/compiler/validate.ts';

export const call = (id: string, values: object = {}, rest: object = {}) => ({
  id,
  call: { service: 'tools', tool: 'do_it', arguments: values },
  ...rest,
});

/** A call that may fail and go on. */
export const risky = (id: string) => call(id, {}, { onFailure: 'continue' });

export const choose = (id: string, when: string, steps: object[], otherwise?: object[]) => ({
  id,
  choose: [{ when: `{% ${when} %}`, steps }],
  ...(otherwise ? { otherwise } : {}),
});

export const forEach = (id: string, as: string, steps: object[], items: unknown = '{% $input.list %}') => ({
  id,
  forEach: { items, as, steps },
});

/** A call whose only argument is the expression. */
export const reads = (id: string, expression: string, rest: object = {}) =>
  call(id, { v: `{% ${expression} %}` }, rest);

export const workflow = (steps: unknown, rest: object = {}) => ({ name: 'tested', steps, ...rest });

/** The faults of a definition as `path: message`. */
export function faultsOf(definition: unknown, known: Known = {}): string[] {
  const validation = validateWorkflow(definition, known);
  const faults: readonly Fault[] = validation.ok ? [] : validation.errors;
  return faults.map(({ path, message }) => `${path}: ${message}`);
}

/** The definition with its defaults; throws when it has faults. */
export function valid(definition: unknown) {
  const validation = validateWorkflow(definition, {});
  if (!validation.ok) throw new Error(JSON.stringify(validation.errors));
  return validation.definition;
}

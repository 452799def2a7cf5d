/**
 * Null for a field of the format that may be left out is the same as nothing, as in `"retry": null` or `"wait": null`
 * beside a call. Inside of arguments, bodies, schemas and other data it is a value.
 */
import { withoutNulls } from '../../base/drop-nulls.ts';
import { WorkflowDefinition } from './definition.ts';

/** A definition as it is meant, and stored; what has another shape stays as it is. */
export function withoutNullFields<Written>(definition: Written): Written | Record<string, unknown> {
  const given = withoutNulls(WorkflowDefinition, definition);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return definition;
  const { output, ...rest }: { output?: unknown } = given;
  return output === null ? rest : { ...given };
}

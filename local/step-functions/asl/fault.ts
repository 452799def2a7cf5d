/** What is wrong with a definition, and where: a path such as `/States/Fetch/Next`. */
export interface DefinitionFault {
  readonly code: 'SCHEMA_VALIDATION_FAILED' | 'MISSING_TRANSITION_TARGET' | 'INVALID_JSON_DESCRIPTION';
  readonly message: string;
  readonly path: string;
}

/** `['States', 'A', 'Choices', 0]` as AWS writes it: `/States/A/Choices[0]`. */
export const pathText = (path: readonly PropertyKey[]): string =>
  path.map((part) => (typeof part === 'number' ? `[${part}]` : `/${String(part)}`)).join('') || '/';

export const schemaFault = (path: string, message: string): DefinitionFault => ({
  code: 'SCHEMA_VALIDATION_FAILED',
  path,
  message,
});

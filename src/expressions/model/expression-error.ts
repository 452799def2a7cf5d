/** What goes wrong with an expression, apart from JSONata itself, so that whoever only reads it loads no JSONata. */

/** What an expression threw: the code of JSONata's own errors, and what it says. */
export class ExpressionError extends Error {
  readonly code: string | undefined;
  /** Where in the source, in characters. */
  readonly position: number | undefined;
  constructor(message: string, code?: string, position?: number) {
    super(message);
    this.code = code;
    this.position = position;
  }
}

/** JSONata's code for an expression that took longer than its time. */
export const tookTooLong = 'D1012';

/** The code of what JSONata threw, which is not always an `Error`. */
export function codeOf(thrown: unknown): string | undefined {
  const code: unknown = typeof thrown === 'object' && thrown !== null && Reflect.get(thrown, 'code');
  return typeof code === 'string' ? code : undefined;
}

/** Where in the source JSONata says that it went wrong. */
export function positionOf(thrown: unknown): number | undefined {
  const position: unknown = typeof thrown === 'object' && thrown !== null && Reflect.get(thrown, 'position');
  return typeof position === 'number' ? position : undefined;
}

/** What JSONata, or a function called from it, says of what went wrong; empty when it says nothing. */
export function messageOf(thrown: unknown): string {
  const message: unknown =
    typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'message') : thrown;
  return typeof message === 'string' ? message : '';
}

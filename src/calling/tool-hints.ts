/**
 * What a tool says of itself, where its service is trusted to say so: hints of others decide nothing (MCP 2025-11-25,
 * ToolAnnotations).
 */
import { OrchestratorError, withFacts } from '../base/errors.ts';
import type { CatalogueStore } from '../registry/tools/store/catalogue-store.ts';
import type { EvaluatedCall } from '../transport/model/call.ts';
import { type Repeatability, repeatabilityOfMethod } from '../transport/model/repeatability.ts';
import type { Target } from './target.ts';

export interface HintsContext {
  readonly catalogues: Pick<CatalogueStore, 'get'>;
}

/** What a second call of the tool would do. */
export async function repeatabilityOfTool(
  { catalogues }: HintsContext,
  { trustHints, service, version }: Target,
  tool: string,
): Promise<Repeatability> {
  if (trustHints !== true) return 'once';
  const known = await catalogues.get({ name: service, version });
  const hints = known?.catalogue?.tools.find(({ name }) => name === tool)?.annotations;
  if (hints?.readOnlyHint === true) return 'safe';
  return hints?.idempotentHint === true ? 'idempotent' : 'once';
}

/** What a second copy of a call would do. */
export const repeatabilityOfCall = async (
  context: HintsContext,
  target: Target,
  call: EvaluatedCall,
): Promise<Repeatability> =>
  'tool' in call
    ? repeatabilityOfTool(context, target, call.tool)
    : repeatabilityOfMethod(call.request.method);

/** A failure of a call, with what is known of its effect where its service is trusted to say that the tool has none. */
export async function withTrustedEffect<T>(
  context: HintsContext,
  { target, call }: { readonly target: Target; readonly call: EvaluatedCall },
  thrown: T,
): Promise<T | OrchestratorError> {
  if (!(thrown instanceof OrchestratorError) || thrown.effect !== 'unknown') return thrown;
  const repeating = await repeatabilityOfCall(context, target, call);
  return repeating === 'safe' ? withFacts(thrown, { effect: 'none' }) : thrown;
}

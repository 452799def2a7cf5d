/**
 * The call of a step. Where its connection was lost, and its service is trusted to say that a second call of the tool
 * does no harm, it is made once more at once; all other repeats are those that the step asks for.
 */
import type { Answered } from '../clients/service-caller.ts';
import { afterLostTry, OrchestratorError } from '../domain/errors.ts';
import { type HintsContext, repeatingOfTool, withTrustedEffect } from '../registry/trusted-hints.ts';
import { type CallContext, callService, type ServiceCall } from './call-service.ts';

export async function callTrusted(context: CallContext & HintsContext, call: ServiceCall): Promise<Answered> {
  try {
    return await callService(context, call);
  } catch (thrown) {
    const error = await withTrustedEffect(context, call, thrown);
    if (!isLost(error) || !('tool' in call.call)) throw error;
    if ((await repeatingOfTool(context, call.target, call.call.tool)) === 'once') throw error;
    return await again(context, call, error);
  }
}

async function again(
  context: CallContext & HintsContext,
  call: ServiceCall,
  lost: OrchestratorError,
): Promise<Answered> {
  try {
    return await callService(context, call);
  } catch (thrown) {
    const error = await withTrustedEffect(context, call, thrown);
    if (!(error instanceof OrchestratorError) || lost.effect !== 'unknown') throw error;
    throw error.effect === 'unknown' ? error : afterLostTry(error);
  }
}

const isLost = (error: unknown): error is OrchestratorError =>
  error instanceof OrchestratorError && error.code === 'service.connection-lost';

/**
 * The call of a step. Where its connection was lost, and its service is trusted to say that a second call of the tool
 * does no harm, it is made once more at once; all other repeats are those that the step asks for.
 */

import { afterLostTry, OrchestratorError } from '../base/errors.ts';
import type { Answered } from '../transport/service-caller.ts';
import { type CallContext, callService, type ServiceCall } from './call-service.ts';
import { type HintsContext, repeatingOfTool, withTrustedEffect } from './trusted-hints.ts';

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

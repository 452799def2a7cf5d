/**
 * The call of a step. Where its connection was lost, and its service is trusted to say that a second call of the tool
 * does no harm, it is made once more at once; all other repeats are those that the step asks for.
 */

import { afterLostTry, OrchestratorError } from '../base/errors.ts';
import type { Answered } from '../transport/service-caller.ts';
import { type CallContext, callService, type ServiceCall } from './call-service.ts';
import { type HintsContext, repeatabilityOfTool, withTrustedEffect } from './tool-hints.ts';

export async function callAndRepeat(
  context: CallContext & HintsContext,
  call: ServiceCall,
): Promise<Answered> {
  try {
    return await callService(context, call);
  } catch (thrown) {
    const error = await withTrustedEffect(context, call, thrown);
    if (!isConnectionLost(error) || !('tool' in call.call)) throw error;
    if ((await repeatabilityOfTool(context, call.target, call.call.tool)) === 'once') throw error;
    return await repeated(context, call, error);
  }
}

async function repeated(
  context: CallContext & HintsContext,
  call: ServiceCall,
  lost: OrchestratorError,
): Promise<Answered> {
  try {
    return await callService(context, { ...call, repeats: true });
  } catch (thrown) {
    const error = await withTrustedEffect(context, call, thrown);
    if (!(error instanceof OrchestratorError) || lost.effect !== 'unknown') throw error;
    throw error.effect === 'unknown' ? error : afterLostTry(error);
  }
}

const isConnectionLost = (error: unknown): error is OrchestratorError =>
  error instanceof OrchestratorError && error.code === 'service.connection-lost';

/**
 * The call of a step. Where its connection was lost, and its service is trusted to say that a second call of the tool
 * does no harm, it is made once more at once; all other repeats are those that the step asks for.
 */
import type { Answered } from '../clients/service-caller.ts';
import { OrchestratorError, toOrchestratorError, withFacts } from '../domain/errors.ts';
import { type HintsContext, repeatingOfTool } from '../registry/trusted-hints.ts';
import { type CallContext, callService, type ServiceCall } from './call-service.ts';

export async function callTrusted(context: CallContext & HintsContext, call: ServiceCall): Promise<Answered> {
  try {
    return await callService(context, call);
  } catch (error) {
    if (!isLost(error) || !('tool' in call.call)) throw error;
    const repeating = await repeatingOfTool(context, call.target, call.call.tool);
    if (repeating === 'once') throw error;
    return await again(context, call, repeating === 'safe' ? 'none' : 'unknown');
  }
}

async function again(context: CallContext, call: ServiceCall, effect: 'none' | 'unknown'): Promise<Answered> {
  try {
    return await callService(context, call);
  } catch (error) {
    throw withFacts(toOrchestratorError(error), { effect });
  }
}

const isLost = (error: unknown): boolean =>
  error instanceof OrchestratorError && error.code === 'service.connection-lost';

/** Calls a REST service: one request with JSON, one result. What an answer means is in http-failure. */
import { OrchestratorError } from '../../base/errors.ts';
import { faultsText } from '../../base/faults.ts';
import { changedNumber, changedNumbers } from '../../base/json-numbers.ts';
import { traceHeaders } from '../../base/trace.ts';
import { excerpt, isJson, mediaType, parseJson } from '../answer-text.ts';
import { startDeadline } from '../deadline.ts';
import { withEffect } from '../effect-of-answer.ts';
import type { Egress } from '../egress.ts';
import type { EgressRequest, EgressResponse } from '../egress-request.ts';
import { httpFailure, isSuccess } from '../http-failure.ts';
import type { RequestCall } from '../model/call.ts';
import { type Repeatability, repeatabilityOfMethod } from '../model/repeatability.ts';
import { requestFaults } from '../model/request-faults.ts';
import { parseServiceUrl } from '../model/service-url.ts';
import { checkResultSize, wireLimit } from '../result-size.ts';
import type { Answered, CallContext, CallTarget } from '../service-call.ts';
import { forwardedHeaders, restUrl } from './rest-request.ts';

export interface RestCaller {
  /** The JSON of the answer, a string for text/plain, null for an empty one. Throws OrchestratorError. */
  call(target: CallTarget, call: RequestCall, context: CallContext): Promise<Answered>;
}

export function createRestCaller(egress: Egress): RestCaller {
  return {
    async call(target, { request }, context) {
      const subject = subjectOf(target, request);
      const parts = requestOf(target, request, { subject, context });
      const repeating = repeatingOf(request, context);
      let response: EgressResponse | undefined;
      try {
        response = await egress.send({
          ...parts,
          repeating,
          subject,
          deadline: startDeadline(context.timeoutMs),
          signal: context.signal,
          credential: target.credential,
          maxBytes: wireLimit(context.maxResultBytes),
        });
        context.answered?.(response.status);
        if (!isSuccess(response)) throw httpFailure(response, subject);
        return checkResultSize(resultOf(response, subject), context.maxResultBytes, subject);
      } catch (thrown) {
        throw withEffect(thrown, { repeating, response });
      }
    },
  };
}

/** By the method (RFC 9110, 9.2), or because the caller says so. */
function repeatingOf({ method }: RequestCall['request'], { idempotent }: CallContext): Repeatability {
  const promised = repeatabilityOfMethod(method);
  return promised === 'once' && idempotent === true ? 'idempotent' : promised;
}

/** `POST /notifications of service notify`, without a query. */
const subjectOf = ({ service }: CallTarget, { method, path }: RequestCall['request']) =>
  `${method} ${excerpt(path.replace(/[?#].*$/s, '')).slice(0, 120)} of service ${service}`;

type HttpParts = Pick<EgressRequest, 'method' | 'url' | 'headers' | 'body'>;

function requestOf(
  target: CallTarget,
  request: RequestCall['request'],
  { subject, context }: { subject: string; context: CallContext },
): HttpParts {
  const errors = requestFaults(request);
  if (errors.length > 0)
    throw new OrchestratorError(
      'service.arguments-invalid',
      `${subject} was not called: ${faultsText(errors)}`,
      { errors },
    );
  const url = restUrl(parseServiceUrl(target.service, target.url), request);
  return { method: request.method, url, ...content(request, context) };
}

function content(
  { method, body, headers: wanted = {} }: RequestCall['request'],
  { idempotencyKey, trace }: CallContext,
) {
  const given = forwardedHeaders(wanted);
  const headers: Record<string, string> = {
    accept: 'application/json, text/plain;q=0.5',
    // A workflow may go by a trace of its own.
    ...('traceparent' in given ? {} : traceHeaders(trace)),
    ...given,
  };
  if (method !== 'GET') headers['idempotency-key'] = idempotencyKey;
  if (body === undefined) return { headers };
  return { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

function resultOf(response: EgressResponse, subject: string): Answered {
  if (response.text === '') return { value: null, warnings: [] };
  const type = mediaType(response);
  if (response.headers['content-encoding'] !== undefined)
    throw badResponse(subject, 'a compressed body, not asked for');
  if (type === 'text/plain') return { value: response.text, warnings: [] };
  if (!isJson(type))
    throw badResponse(subject, type === '' ? 'a body without content type' : `${excerpt(type)}, not JSON`);
  if (response.text.trim() === '') return { value: null, warnings: [] };
  const value = parseJson(response.text);
  if (value === undefined) throw badResponse(subject, 'broken JSON');
  return { value, warnings: changedNumbers(response.text).map(changedNumber) };
}

const badResponse = (subject: string, what: string) =>
  new OrchestratorError('service.bad-response', `${subject} answered ${what}`);

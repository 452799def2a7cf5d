/** What is asked of a local AWS service and what it answers: the JSON protocol of AWS, without HTTP around it. */
export interface ServiceRequest {
  /** `X-Amz-Target`: `AWSStepFunctions.StartExecution`. */
  readonly target: string;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly errorType?: string;
}

/** Never throws, and never rejects. */
export type AnswerRequest = (request: ServiceRequest) => Answer | Promise<Answer>;

/** The headers of an answer, in lower case. */
export const headersOf = ({ errorType }: Answer, requestId: string): Record<string, string> => ({
  'content-type': 'application/x-amz-json-1.0',
  'x-amzn-requestid': requestId,
  ...(errorType !== undefined && { 'x-amzn-errortype': errorType }),
});

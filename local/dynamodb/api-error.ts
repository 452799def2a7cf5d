/** An error of the DynamoDB API: `type` is the exception name that the SDKs know. */
export class ApiError extends Error {
  readonly type: string;
  /** What stands beside the message in the answer: the item of a failed condition, the reasons of a cancellation. */
  readonly details: object;

  constructor(type: string, message: string, details: object = {}) {
    super(message);
    this.name = type;
    this.type = type;
    this.details = details;
  }
}

export const invalid = (message: string): ApiError => new ApiError('ValidationException', message);

export const invalidValue = (message: string): ApiError =>
  invalid(`One or more parameter values were invalid: ${message}`);

export const notReadable = (message: string): ApiError => new ApiError('SerializationException', message);

export const notFound = (message = 'Requested resource not found'): ApiError =>
  new ApiError('ResourceNotFoundException', message);

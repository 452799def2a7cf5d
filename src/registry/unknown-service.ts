/** What is said of a service that nobody has registered. */
import { OrchestratorError } from '../domain/errors.ts';

export const unknownService = (name: string): OrchestratorError =>
  new OrchestratorError('service.not-found', `There is no service ${name}; list_services shows them`);

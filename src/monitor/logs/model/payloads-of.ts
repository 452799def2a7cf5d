/** Names a workflow or a service whose payloads are logged. */
import * as z from 'zod';

export const PayloadsOf = z
  .string()
  .regex(
    /^(workflow|service):[a-z][a-z0-9-]{0,62}$/,
    'must be such as workflow:process-email or service:gmail',
  );

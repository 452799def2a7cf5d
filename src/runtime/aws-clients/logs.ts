/** A file of its own: of a package that is imported late as a whole, a bundle would hold every command. */
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { connection } from '../aws-connections.ts';

/** The endpoint of an emulator; that of AWS when it is undefined. */
export const createLogsClient = (endpoint: string | undefined): CloudWatchLogsClient =>
  new CloudWatchLogsClient(connection(endpoint));

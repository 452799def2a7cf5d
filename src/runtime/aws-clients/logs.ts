/** A file of its own: of a package that is imported late as a whole, a bundle would hold every command. */
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';

export const createLogsClient = (): CloudWatchLogsClient => new CloudWatchLogsClient();

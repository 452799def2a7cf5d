/** Apart from the client, which others have without this command. */
export { InvokeCommand } from '@aws-sdk/client-lambda';

/** A file of its own: of a package that is imported late as a whole, a bundle would hold every command. */
import { LambdaClient } from '@aws-sdk/client-lambda';

export const createLambdaClient = (): LambdaClient => new LambdaClient();

/** A file of its own: of a package that is imported late as a whole, a bundle would hold every command. */
import { ECSClient } from '@aws-sdk/client-ecs';

export const createEcsClient = (): ECSClient => new ECSClient();

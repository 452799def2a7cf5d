/** A file of its own: of a package that is imported late as a whole, a bundle would hold every command. */
import { EC2Client } from '@aws-sdk/client-ec2';

export const createEc2Client = (): EC2Client => new EC2Client();

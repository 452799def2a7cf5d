/** The public address of a network interface, which is the same as long as its task runs. */
import { DescribeNetworkInterfacesCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { RecentMap } from '../../../base/recent-map.ts';
import { awsFailure } from '../aws-failure.ts';

export type PublicAddressOf = (networkInterface: string) => Promise<string | undefined>;

const remembered = 2_000;

export function createPublicAddresses(client: Pick<EC2Client, 'send'>): PublicAddressOf {
  const known = new RecentMap<string, string>(remembered);
  const ask = async (networkInterface: string): Promise<string | undefined> => {
    const command = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [networkInterface] });
    const { NetworkInterfaces = [] } = await client.send(command);
    return NetworkInterfaces[0]?.Association?.PublicIp;
  };
  return async (networkInterface) => {
    const before = known.get(networkInterface);
    if (before !== undefined) return before;
    const address = await ask(networkInterface).catch((thrown) => {
      throw awsFailure(thrown, `EC2 does not tell the address of ${networkInterface}`);
    });
    if (address !== undefined) known.set(networkInterface, address);
    return address;
  };
}

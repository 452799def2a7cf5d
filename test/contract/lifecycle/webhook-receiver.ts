/** Whoever is asked by webhooks: it knows starts by their token, and remembers every request. */
import { createEgress } from '../../../src/transport/egress.ts';
import { json, type Script, startScriptedService } from '../../system/scripted-service.ts';

export const secret = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`;

export const webhookOptions = (allowedNetworks: readonly string[] = ['127.0.0.0/8']) => ({
  egress: createEgress({ policy: { allowedNetworks } }),
  clock: { now: () => 1_795_000_000_500 },
  secret,
  owner: 'dev',
});

interface Asked {
  readonly action?: string;
  readonly token?: string;
}

/** How it is told; where to read that from then on, too. */
export type Answers = 'at once' | 'with a statusUrl';

export async function startReceiver(answers: Answers) {
  const states = new Map<string, object>();
  const starts = new Map<string, number>();
  const running = { state: 'RUNNING', url: 'http://127.0.0.1:9/mcp', ref: 'vm-1' };
  const stateOf = (token: string): object => states.get(token) ?? { state: 'GONE' };
  const start = (token: string): void => {
    if (states.has(token)) return;
    states.set(token, running);
    starts.set(token, (starts.get(token) ?? 0) + 1);
  };
  const script: Script = ({ path, body }, response) => {
    const { action, token = path.slice('/status/'.length) }: Asked = body ?? {};
    if (action === 'start') start(token);
    if (action === 'stop') states.delete(token);
    if (action === undefined || answers === 'at once' || !states.has(token))
      return json(response, stateOf(token));
    return json(response, { ...stateOf(token), statusUrl: `/status/${token}` }, 202);
  };
  const service = await startScriptedService(script);
  return {
    ...service,
    url: `${service.url}/instances`,
    copies: (token: string): number => (states.get(token) === running ? (starts.get(token) ?? 0) : 0),
    end: (token: string) => states.set(token, { state: 'EXITED', exit: { how: 'with code 3' } }),
  };
}

import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSmallGet } from '../../../src/transport/small-get.ts';
import { type ScriptedService, startScriptedService } from '../../system/scripted-service.ts';

let service: ScriptedService;

beforeAll(async () => {
  service = await startScriptedService(({ path }, response) => {
    if (path === '/moved') return void response.writeHead(302, { location: '/keys' }).end();
    if (path === '/large') return void response.end('x'.repeat(500_001));
    response.end('{"keys":[]}');
  });
});

afterAll(() => service?.close());

const loopback = createSmallGet({ allowedNetworks: ['127.0.0.0/8'] });
const at = (path: string): URL => new URL(path, service.url);

it('reads a document, follows no redirect, and reads no large one', async () => {
  expect(await loopback(at('/keys'))).toEqual({ status: 200, text: '{"keys":[]}' });
  expect(await loopback(at('/moved'))).toEqual({ status: 302, text: '' });
  await expect(loopback(at('/large'))).rejects.toThrow('the answer has more than 500000 bytes');
});

it.each([
  ['http://127.0.0.1:9/', '127.0.0.1:9 is a loopback address'],
  ['http://0x7f.1:9/', '127.0.0.1:9 is a loopback address'],
  ['http://169.254.169.254/latest', 'is a link-local address'],
  ['http://[::1]:9/', 'is a loopback address'],
  ['http://10.0.0.1/', 'is a private address'],
  ['http://keys.example.org/', 'keys.example.org resolves to a private address'],
  ['file:///etc/passwd', 'is neither http nor https'],
  ['http://user:secret@keys.example.org/', 'the url of keys.example.org holds credentials'],
])('does not call %s', async (url, why) => {
  const get = createSmallGet({ allowedNetworks: [] }, async () => [{ address: '10.1.2.3', family: 4 }]);
  await expect(get(new URL(url))).rejects.toThrow(why);
});

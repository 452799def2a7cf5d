/**
 * Who may call the local endpoints of AWS services. They are for this machine's own clients: no page in a browser may
 * call them, under whatever name, and where the API wants a key they want a signature.
 */
import type { IncomingMessage } from 'node:http';
import { whyForeign } from '../../src/surfaces/foreign-request.ts';
import { hasOneHost, loopbackNames } from '../loopback-host.ts';
import { type AccessKey, createSignatureCheck, type Refusal } from './signature.ts';

export interface Door {
  /** Before anything of the body is read. */
  refuseForeign(request: IncomingMessage): Refusal | undefined;
  /** Undefined where requests need no signature. */
  readonly refuseUnsigned: ((request: IncomingMessage, body: Buffer) => Refusal | undefined) | undefined;
}

export interface DoorOptions {
  /** As requests are signed for it: `states`, `dynamodb`. */
  readonly service: string;
  /** Absent: nobody has to sign. */
  readonly accessKey?: AccessKey | undefined;
  /** By which it may be called besides the names of loopback. */
  readonly hosts?: readonly string[];
}

export function createDoor({ service, accessKey, hosts = [] }: DoorOptions): Door {
  // The SDK puts it before the name for the calls that wait for an execution (StartSyncExecution, TestState).
  const names = [...loopbackNames, ...hosts].flatMap((name) => [name, `sync-${name}`]);
  const check = accessKey && createSignatureCheck(accessKey, service);
  return {
    refuseForeign(request) {
      if (!hasOneHost(request)) return denied('A request has exactly one Host header');
      const sent = { headers: request.headers, baseUrl: `http://${request.headers.host}` };
      const why = whyForeign(sent, { hosts: names, origins: [] });
      return why === undefined ? undefined : denied(why.replace(/; ALLOWED_.*/, ''));
    },
    refuseUnsigned:
      check &&
      (({ method = '', url = '', headers }, body) => check({ method, url, headers, body }, Date.now())),
  };
}

const denied = (message: string): Refusal => ({ type: 'AccessDeniedException', message });

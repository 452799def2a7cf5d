/**
 * No test asks a name server: what is found there, and how long that takes, is nobody's fault here. Any name but
 * localhost is one that does not exist, and that is known at once.
 */
import dns from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';

const ofSystem = dns.lookup;

const isLocal = (hostname: string): boolean => /^(.+\.)?localhost$|^[\d.]+$|:/.test(hostname);

function unknown(hostname: string): never {
  throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), {
    code: 'ENOTFOUND',
    syscall: 'getaddrinfo',
    hostname,
  });
}

/** Once for each test file; a second time changes nothing. */
export function askNoNameServer(): void {
  const lookup: object = async (hostname: string, options: object) =>
    isLocal(hostname) ? ofSystem(hostname, options) : unknown(hostname);
  Object.assign(dns, { lookup });
  syncBuiltinESMExports();
}

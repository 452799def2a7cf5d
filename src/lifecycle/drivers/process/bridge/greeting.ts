/** What the bridge answers to `initialize`: what the child said, without what one answer for one request cannot bring. */
import { protocolVersion } from './child-peer.ts';
import { isObject } from './message.ts';

type Members = Readonly<Record<string, unknown>>;

/** The version that is asked for, where the child's is newer: later ones only add to it. */
export function greetingFor(asked: unknown, child: Members): Members {
  return {
    ...child,
    protocolVersion: versionFor(asked, child),
    capabilities: withoutNews(child['capabilities']),
  };
}

const dated = /^\d{4}-\d\d-\d\d$/;

function versionFor(asked: unknown, child: Members): unknown {
  const own = child['protocolVersion'] ?? protocolVersion;
  const wanted = isObject(asked) ? asked['protocolVersion'] : undefined;
  if (typeof wanted !== 'string' || typeof own !== 'string' || !dated.test(wanted)) return own;
  return wanted < own ? wanted : own;
}

/** News (`listChanged`, `subscribe`, the log) need a stream to the client, and there is none. */
function withoutNews(capabilities: unknown): Members {
  if (!isObject(capabilities)) return {};
  const { logging: _, ...others } = capabilities;
  return Object.fromEntries(
    Object.entries(others).map(([name, offer]) => {
      if (!isObject(offer)) return [name, offer];
      const { listChanged: _changed, subscribe: _subscribe, ...rest } = offer;
      return [name, rest];
    }),
  );
}

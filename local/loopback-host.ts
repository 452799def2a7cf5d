/** What the listeners of this machine ask of the `Host` of a request before anything else. */
import type { IncomingMessage } from 'node:http';

/** The names by which this machine calls itself. */
export const loopbackNames = ['127.0.0.1', 'localhost', '[::1]'];

/** Of several, Node shows the first one alone (RFC 9112, 3.2: such a request is refused). */
export const hasOneHost = ({ headersDistinct }: IncomingMessage): boolean =>
  headersDistinct['host']?.length === 1;

import { Agent, request } from 'node:http';
import type { SessionInfo } from '../../../src/session-info.js';

export interface Reply {
  /** 0: none, because the connection broke. */
  readonly status: number;
  readonly body: Partial<SessionInfo>;
}

export interface Asked {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly customerId?: string;
  readonly visitId?: string;
}

/** Sends a request to the app, and waits for its answer at most `limit` ms: undefined when there is none. */
export function ask(url: string, asked: Asked, limit: number): Promise<Reply | undefined> {
  const { method, path, customerId, visitId } = asked;
  const body = visitId === undefined ? '' : JSON.stringify({ visitId });
  const headers = {
    'Content-Length': Buffer.byteLength(body),
    ...(body && { 'Content-Type': 'application/json' }),
    ...(customerId && { gkc_customerId: customerId }),
  };
  return new Promise((resolve) => {
    const late = setTimeout(() => {
      resolve(undefined);
      sent.destroy();
    }, limit);
    function settle(reply: Reply): void {
      clearTimeout(late);
      resolve(reply);
    }
    const broken = () => settle({ status: 0, body: {} });
    const sent = request(`${url}${path}`, { method, headers, agent }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk) => chunks.push(chunk));
      res.on('error', broken);
      res.on('end', () => settle({ status: res.statusCode ?? 0, body: parse(Buffer.concat(chunks)) }));
    });
    sent.on('error', broken);
    sent.end(body);
  });
}

/** Node's apps close an idle connection after 5 s, and a request that meets that is broken. */
const agent = new Agent({ keepAlive: true, timeout: 3000 });

function parse(body: Buffer): Partial<SessionInfo> {
  try {
    return JSON.parse(String(body));
  } catch {
    return {};
  }
}

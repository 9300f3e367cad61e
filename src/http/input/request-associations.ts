import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request } from 'express';
import {
  type AssociationsInput,
  InvalidAssociationError,
  parseAssociation,
  parseAssociations,
  type SessionAssociations,
} from '../../session-info.js';
import type { Awaitable } from '../../session-store.js';
import { SessionHttpError } from '../errors.js';
import { headerValues } from './header-values.js';
import { readBody } from './request-body.js';

/** Who the host's own login says is calling; `undefined`, `null` and `''` mean "not known". */
export type Identity = Pick<AssociationsInput, 'agentId' | 'customerId'>;

/**
 * Says who is calling, at once or by a promise, in place of the headers gkc_agentId and gkc_customerId, which are then not read.
 * What it throws, and a TypeError when it answers no identity, goes to `next(error)`.
 */
export type Identify = (req: Request) => Awaitable<Identity | undefined>;

/**
 * The associations that a PUT or POST names: two members from the headers, or from `identify`, and two from the body.
 * Rejects with a SessionHttpError for what a client sent wrong; with the host's own error, or a TypeError, for `identify`.
 */
export async function readAssociations(
  req: IncomingMessage,
  res: ServerResponse,
  identify: Identify | undefined,
): Promise<SessionAssociations> {
  const identity = identify ? await identityOf(req, identify) : headerIdentity(req);
  const body = await readBody(req, res);
  return { ...identity, ...fromClient(() => parseAssociations(body, ['visitId', 'globalVisitId'])) };
}

/** What `identify` says of a request. Rejects with a TypeError when it answers something that is no identity. */
export async function identityOf(req: IncomingMessage, identify: Identify): Promise<SessionAssociations> {
  const identity: unknown = (await identify(req as Request)) ?? {};
  try {
    return parseAssociations(identity as object, ['agentId', 'customerId']);
  } catch (error) {
    throw new TypeError(
      `option "identify" must answer { agentId, customerId } or undefined: ${(error as Error).message}`,
    );
  }
}

function headerIdentity(req: IncomingMessage): SessionAssociations {
  const agentId = headerAssociation(req, 'gkc_agentId');
  const customerId = headerAssociation(req, 'gkc_customerId');
  return {
    ...(agentId === undefined ? {} : { agentId }),
    ...(customerId === undefined ? {} : { customerId }),
  };
}

/** nginx and others drop header names with an underscore, so that a hyphen means the same. */
function headerAssociation(req: IncomingMessage, header: string): string | undefined {
  const name = header.toLowerCase();
  const [value, ...others] = headerValues(req, [name, name.replace('_', '-')]);
  if (others.length > 0) {
    throw new SessionHttpError('ambiguous_header', `Header ${header} is given twice with different values`);
  }
  return fromClient(() => parseAssociation(header, value));
}

function fromClient<Value>(parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (error instanceof InvalidAssociationError) throw new SessionHttpError('invalid_field', error.message);
    throw error;
  }
}

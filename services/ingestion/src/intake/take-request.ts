import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { toError } from '@vedette/service-kit';
import type { Sensor } from '../connector/sensor-key-store.ts';
import { connectorOf } from '../connectors/index.ts';
import { acceptRecords } from './accept-records.ts';
import type { Outcome } from './accept-records.ts';
import { recordsOf } from './body-records.ts';
import { claimKey, keepAnswer, releaseKey } from './idempotency-store.ts';
import type { KeptAnswer } from './idempotency-store.ts';
import type { Intake } from './intake-parts.ts';
import { readBody } from './read-body.ts';
import { Refusal } from './refusal.ts';
import { readBearerToken, readHead } from './request-head.ts';
import type { BodyFormat } from './request-head.ts';
import type { AuthenticateSensor } from './sensor-authenticator.ts';

export interface IntakeDependencies extends Intake {
  readonly authenticate: AuthenticateSensor;
}

/** What a request is answered with; `ids` only where it asked for them. */
export type IntakeAnswer = KeptAnswer & { readonly ids?: readonly string[] };

/**
 * Takes one request with events. The checks stand in the order in which they cost: who sends, what it
 * is, whether it can be taken at all, and only then the body.
 * @throws {Refusal} the request is not taken
 * @throws {UnavailableError} it cannot be taken now
 */
export async function takeRequest(
  request: IncomingMessage,
  dependencies: IntakeDependencies,
): Promise<IntakeAnswer> {
  const token = readBearerToken(request.headers);
  const authenticate = (): Promise<Sensor> => dependencies.authenticate(token);
  const sensor = await authenticate();
  const head = readHead(request.headers);
  dependencies.rates.admit(sensor);
  dependencies.durables.current();
  const reservation = dependencies.budget.reserve(sensor.customerId);
  try {
    const bytes = await readBody(request, head, reservation);
    const body = { bytes, format: head.format };
    const { ids, ...answer } = head.idempotencyKey
      ? await acceptOnce(sensor, body, head.idempotencyKey, { ...dependencies, authenticate })
      : await accept(sensor, body, { ...dependencies, authenticate });
    return head.wantsIds ? { ...answer, ids: await ids() } : answer;
  } finally {
    reservation.release();
  }
}

/** The ids may have to be worked out again, which only happens when they are wanted. */
type LazyOutcome = KeptAnswer & { readonly ids: () => Promise<readonly string[]> };

/** What one request is worked on with: the door asks once more who sends when it publishes. */
type Working = Omit<IntakeDependencies, 'authenticate'> & {
  readonly authenticate: () => Promise<Sensor>;
};

interface Body {
  readonly bytes: Buffer;
  readonly format: BodyFormat;
}

async function accept(
  sensor: Sensor,
  body: Body,
  { publisher, quarantine, rates, clock, authenticate: requireAllowed }: Working,
): Promise<LazyOutcome> {
  const receivedAt = clock().getTime();
  const records = recordsOf(body.bytes, body.format, connectorOf(sensor.connectorType));
  const acceptance = { publisher, quarantine, receivedAt, requireAllowed };
  const outcome = await acceptRecords(sensor, records, acceptance);
  rates.charge(sensor, outcome.accepted + outcome.rejected);
  return lazily(outcome);
}

/** The ids that a body's events had when they were accepted. */
async function idsOf(sensor: Sensor, body: Body, receivedAt: number): Promise<readonly string[]> {
  const records = recordsOf(body.bytes, body.format, connectorOf(sensor.connectorType));
  const nothing = { publisher: null, quarantine: null, receivedAt };
  return (await acceptRecords(sensor, records, nothing)).ids;
}

function lazily({ ids, ...answer }: Outcome): LazyOutcome {
  return { ...answer, ids: () => Promise.resolve(ids) };
}

/** Accepts a body unless it was accepted under this key before: then the answer is the same again. */
async function acceptOnce(
  sensor: Sensor,
  body: Body,
  key: string,
  dependencies: Working,
): Promise<LazyOutcome> {
  const { database, clock, logger } = dependencies;
  const owned = { customerId: sensor.customerId, connectorId: sensor.connectorId, key };
  const claim = await claimKey(database, owned, hash('sha256', body.bytes, 'buffer'), clock());
  switch (claim.state) {
    case 'OTHER_BODY':
      throw new Refusal(409, 'CONFLICT', 'This Idempotency-Key came with another body before.');
    case 'UNDER_WAY':
      throw new Refusal(409, 'CONFLICT', 'A request with this Idempotency-Key is under way.', {
        headers: { 'retry-after': '1' },
      });
    case 'ANSWERED':
      return {
        ...claim.answer,
        ids: () => idsOf(sensor, body, clock().getTime()),
      };
    case 'CLAIMED':
      try {
        const outcome = await accept(sensor, body, dependencies);
        const { accepted, rejected, errors } = outcome;
        await keepAnswer(database, owned, { accepted, rejected, errors });
        return outcome;
      } catch (error) {
        await releaseKey(database, owned).catch((cause: unknown) => {
          logger.warn({ err: toError(cause) }, 'an idempotency key stays claimed for a while');
        });
        throw error;
      }
  }
}
